import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  checkClock,
  checkDisk,
  checkFolder,
  checkMachine,
  checkMemory,
  checkModules,
  checkNode,
  checkPort,
  isTimeZone,
} from './machine-check.ts'

describe('check of the machine', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'integral-machine-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('knows which versions of Node will do', () => {
    for (const version of ['v20.19.0', 'v20.20.2', 'v22.1.0', 'v24.0.0'])
      expect(checkNode(version).state).to.equal('ok')
    for (const version of ['v20.18.3', 'v18.20.0', 'v8.0.0']) {
      expect(checkNode(version)).to.include({ code: 'old', state: 'failed' })
    }
  })

  it('names the module that does not load on this system', async () => {
    expect((await checkModules()).state).to.equal('ok')
    const finding = await checkModules(['libsql', 'no-such-module'])
    expect(finding).to.include({ code: 'broken', state: 'failed' })
    expect(finding.values.module).to.equal('no-such-module')
  })

  it('makes the data folder readable for its owner only', () => {
    const data = join(folder, 'deep', 'data')
    expect(checkFolder(data).state).to.equal('ok')
    expect(statSync(data).mode & 0o777).to.equal(0o700)
  })

  it('says what is wrong with the data folder', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(checkFolder(join(folder, 'file'))).to.include({ code: 'not_a_folder', state: 'failed' })
    expect(checkFolder('/proc/integral').state).to.equal('failed')
  })

  it('warns before space or memory runs out, and refuses when it has', () => {
    expect(checkDisk(folder, 100).state).to.equal('failed')
    expect(checkDisk(folder, 1000).state).to.equal('warning')
    expect(checkDisk(folder, 100_000).state).to.equal('ok')
    expect(checkDisk(join(folder, 'not', 'there')).values.free).to.be.greaterThan(0)
    expect(checkMemory(256).state).to.equal('failed')
    expect(checkMemory(512).state).to.equal('warning')
    expect(checkMemory(2048).state).to.equal('ok')
  })

  it('recognises a taken port and a forbidden one', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    expect(await checkPort(port, '127.0.0.1')).to.include({ code: 'taken', state: 'failed' })
    await new Promise((resolve) => server.close(resolve))
    expect((await checkPort(port, '127.0.0.1')).state).to.equal('ok')
  })

  it('notices a clock that was never set, and knows time zones', () => {
    expect(checkClock(new Date('1970-01-02')).code).to.equal('behind')
    expect(checkClock().state).to.equal('ok')
    expect(isTimeZone('Asia/Yekaterinburg')).to.equal(true)
    expect(isTimeZone('Moscow')).to.equal(false)
  })

  it('finds this machine fit', async () => {
    const findings = await checkMachine(folder)
    expect(findings.filter((finding) => finding.state === 'failed')).to.deep.equal([])
  })
})
