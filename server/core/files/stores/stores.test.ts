import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { startS3, type TestS3 } from '../../../testing/s3.ts'
import { diskStore } from './disk.ts'
import { s3Store } from './s3.ts'
import { MissingContentError, type Store, StoreError } from './store.ts'

describe('stores of files', function () {
  this.timeout(40_000)
  const folder = mkdtempSync(join(tmpdir(), 'integral-stores-'))
  let s3: TestS3
  before(async () => {
    s3 = await startS3()
  })
  after(async () => {
    await s3.close()
    rmSync(folder, { recursive: true })
  })
  const file = (content: string) => {
    const path = join(folder, 'sent')
    writeFileSync(path, content)
    return { path, sha256: createHash('sha256').update(content).digest('hex') }
  }
  const refusal = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error) => error,
    )

  const makers: [string, () => Store][] = [
    ['on the disk', () => diskStore(join(folder, 'store'))],
    ['in S3', () => s3Store(s3.config)],
    ['in a part of a bucket', () => s3Store({ ...s3.config, prefix: 'integral/one/' })],
  ]
  for (const [name, make] of makers) {
    it(`${name} keep, find, give, list and remove`, async () => {
      const store = make()
      await store.check()
      const [first, second] = ['files/aa/first', 'files/bb/second']
      expect(await store.find(first)).to.equal(undefined)
      for (const [key, content] of [
        [first, 'Первое содержание'],
        [second, 'Второе'],
      ] as const) {
        const { path, sha256 } = file(content)
        await store.put(key, path, sha256)
      }
      const found = await store.find(first)
      expect(found?.size).to.equal(33)
      expect(found?.modifiedAt).to.be.closeTo(Date.now(), 5000)
      expect(await text(await store.open(first))).to.equal('Первое содержание')
      expect(await text(await store.open(first, { start: 0, end: 11 }))).to.equal('Первое')
      const keys: string[] = []
      for await (const { key } of store.list('files/')) keys.push(key)
      expect(keys.sort()).to.deep.equal([first, second])
      await store.remove(first)
      await store.remove(first)
      expect(await store.find(first)).to.equal(undefined)
      expect(await refusal(store.open(first))).to.be.instanceOf(MissingContentError)
    })
  }

  it('in S3 list more than the server tells at once', async () => {
    const store = s3Store({ ...s3.config, prefix: 'many/' })
    for (let at = 0; at < 10; at++) {
      const path = join(folder, `many-${at}`)
      writeFileSync(path, 'x')
      await store.put(`files/aa/${at}`, path)
    }
    const keys: string[] = []
    for await (const { key } of store.list('files/')) keys.push(key)
    expect(keys.sort()).to.deep.equal(Array.from({ length: 10 }, (_, at) => `files/aa/${at}`))
  })

  for (const mood of ['error', 'cutting', 'silent'] as const) {
    it(`say in time that a server is ${mood}, at once the next time, and work when it is well again`, async () => {
      const store = s3Store({ ...s3.config, prefix: `${mood}/` })
      s3.mood = mood
      try {
        let started = Date.now()
        expect(await refusal(store.find('files/aa/x'))).to.be.instanceOf(StoreError)
        expect(Date.now() - started).to.be.below(6000)
        started = Date.now()
        const before = s3.requests
        expect(await refusal(store.open('files/aa/x'))).to.be.instanceOf(StoreError)
        expect(Date.now() - started).to.be.below(100)
        expect(s3.requests).to.equal(before)
      } finally {
        s3.mood = 'well'
      }
      // Its rest ends by itself.
      await new Promise((resolve) => setTimeout(resolve, 5100))
      expect(await store.find('files/aa/x')).to.equal(undefined)
    })
  }

  it('keep nothing when they are full, and say so', async () => {
    const store = s3Store({ ...s3.config, prefix: 'full/' })
    s3.mood = 'full'
    const { path, sha256 } = file('Не поместится')
    const error = await refusal(store.put('files/aa/x', path, sha256))
    s3.mood = 'well'
    expect((error as StoreError).code).to.equal('errors.storeFull')
    // Writing to this device fails as on a full disk.
    const disk = diskStore('/dev/full')
    expect(await refusal(disk.put('files/aa/x', path))).to.be.instanceOf(StoreError)
  })

  it('in S3 with wrong keys, a wrong bucket or nobody there are unavailable, not empty', async () => {
    const wrong = [
      { ...s3.config, secretKey: 'wrong' },
      { ...s3.config, bucket: 'no-such-bucket' },
      { ...s3.config, endpoint: 'http://127.0.0.1:1' },
    ]
    for (const config of wrong)
      expect(await refusal(s3Store(config).check()), config.endpoint).to.be.instanceOf(StoreError)
  })

  it('on the disk leave no half file when the copy is cut off', async () => {
    const store = diskStore(join(folder, 'cut'))
    expect(await refusal(store.put('files/aa/x', join(folder, 'no such file')))).to.be.instanceOf(StoreError)
    expect(readdirSync(join(folder, 'cut', 'files', 'aa'))).to.deep.equal([])
  })
})
