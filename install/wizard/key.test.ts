import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isKey, isPass, keyFile, makeKey, passFor, readOrMakeKey } from './key.ts'

describe('one-time key', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'integral-key-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('lies in a file for its owner only and stays the same at the next start', () => {
    const key = readOrMakeKey(folder)
    expect(key).to.match(/^([2-9A-HJKMNP-TV-Z]{4}-){4}[2-9A-HJKMNP-TV-Z]{4}$/)
    expect(statSync(keyFile(folder)).mode & 0o777).to.equal(0o600)
    expect(readOrMakeKey(folder)).to.equal(key)
    writeFileSync(keyFile(folder), 'cut off')
    expect(readOrMakeKey(folder))
      .to.match(/^.{4}-/)
      .and.not.to.equal(key)
  })

  it('may be typed with spaces and small letters, but must be all right', () => {
    const key = makeKey()
    expect(isKey(key, ` ${key.toLowerCase().replaceAll('-', ' ')}\n`)).to.equal(true)
    for (const wrong of ['', '-', key.slice(0, -1), `${key}2`, makeKey()]) expect(isKey(key, wrong)).to.equal(false)
  })

  it('gives a pass that holds for this installation only', () => {
    const key = makeKey()
    const pass = passFor('secret', key)
    expect(isPass(pass, pass)).to.equal(true)
    for (const wrong of [undefined, '', key, passFor('other', key), passFor('secret', makeKey()), [pass]]) {
      expect(isPass(pass, wrong)).to.equal(false)
    }
  })
})
