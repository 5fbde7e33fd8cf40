import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { restore } from '../../../install/restore.ts'
import { dataFolder } from '../../config.ts'
import { makeBackup } from '../../core/backup/make.ts'
import { db, openedDatabase } from '../../core/db/index.ts'
import { cleanRows, cleanStore } from '../../core/files/cleaning.ts'
import { contentKey } from '../../core/files/keys.ts'
import { type Store, StoreError, type Stores, setStores, storesOf } from '../../core/files/stores/index.ts'
import { daysAgo } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { startS3, type TestS3 } from '../../testing/s3.ts'
import { csvFile, formFields, walkThrough } from '../imports/testing.ts'
import { docx, type FileStage, makeFileStage, wav } from './testing.ts'
import { watchStore } from './watch-job.ts'

describe('a store of files', function () {
  this.timeout(90_000)
  const app = useApp()
  let stage: FileStage
  let s3: TestS3
  let inS3: Stores
  const onDisk = () => storesOf({ dataFolder: dataFolder() })
  const config = () => ({ kind: 's3' as const, s3: s3.config })
  const shaOf = async (id: number): Promise<string> => (await db()('files').where({ id }).first('sha256')).sha256
  const keysOf = async (store: Store, prefix = 'files/') => {
    const keys: string[] = []
    for await (const { key } of store.list(prefix)) keys.push(key)
    return keys
  }
  const pathOf = async (id: number) => join(dataFolder(), contentKey(await shaOf(id)))

  before(async () => {
    stage = await makeFileStage(app)
    // What other files of tests have kept is none of ours.
    for (const name of ['files', 'uploads']) rmSync(join(dataFolder(), name), { recursive: true, force: true })
    s3 = await startS3()
    inS3 = storesOf({ dataFolder: dataFolder(), storage: config() })
  })
  after(async () => {
    setStores(undefined)
    await s3.close()
  })
  beforeEach(() => setStores(inS3))
  afterEach(() => {
    s3.mood = 'well'
  })
  /** A client of the store that does not rest from an earlier failure. */
  const awake = () => {
    inS3 = storesOf({ dataFolder: dataFolder(), storage: config() })
    setStores(inS3)
  }

  it('in S3 keeps files, gives them in part, and makes previews and small pictures of them', async () => {
    const { id, url } = await stage.keep('a.wav', wav(5000))
    expect(existsSync(await pathOf(id))).to.equal(false)
    expect(await keysOf(inS3.main)).to.deep.equal([contentKey(await shaOf(id))])
    const part = await stage.learner.get(url, { headers: { range: 'bytes=44-53' } })
    expect(part.status).to.equal(206)
    expect(Buffer.from(part.text, 'latin1')[1]).to.equal(1)
    const word = await stage.keep('a.docx', await docx(['Из хранилища']))
    await stage.learner.get(`${word.url}/view`)
    await app.settle()
    expect((await stage.learner.get(`${word.url}/preview`)).text).to.include('Из хранилища')
    expect(await keysOf(inS3.main, 'previews/')).to.have.length(1)
    expect(readdirSync(join(dataFolder(), 'uploads'))).to.deep.equal([])
  })

  it('in S3 is cleaned of what nothing needs, and of nothing else', async () => {
    const used = await stage.keep('used.wav', wav(6000))
    const loose = await stage.keep('loose.wav', wav(6001))
    await stage.instructor.post(`${loose.material}/remove`)
    await db()('files')
      .where({ id: loose.id })
      .update({ created_at: daysAgo(2) })
    const sha256 = await shaOf(loose.id)
    await cleanRows(100)
    const aged = agedBy(inS3, 2)
    setStores(aged)
    expect(await cleanStore(100)).to.equal(1)
    const keys = await keysOf(inS3.main)
    expect(keys)
      .to.include(contentKey(await shaOf(used.id)))
      .and.not.include(contentKey(sha256))
  })

  it('gets the files of the disk without a pause, and gives them back the same way', async () => {
    setStores(onDisk())
    const { id, url } = await stage.keep('move.wav', wav(7000))
    const before = (await stage.learner.get(url)).text
    expect(existsSync(await pathOf(id))).to.equal(true)
    setStores(inS3)
    expect((await stage.learner.get(url)).text).to.equal(before)
    expect((await stage.administrator.get('/storage')).text).to.include('Перенести файлы')
    expect((await stage.administrator.post('/storage/move')).status).to.equal(303)
    await app.settle()
    expect(existsSync(await pathOf(id))).to.equal(false)
    expect((await stage.learner.get(url)).text).to.equal(before)
    expect((await stage.administrator.get('/storage')).text).to.not.include('Перенести файлы')
    const moved = await db()('domain_events').where({ type: 'filesMoved' }).orderBy('id', 'desc').first()
    expect(JSON.parse(moved.data)).to.deep.equal({ to: 's3', count: 1 })

    setStores(storesOf({ dataFolder: dataFolder(), storage: { ...config(), kind: 'disk' } }))
    await stage.administrator.post('/storage/move')
    await app.settle()
    expect(await keysOf(inS3.main)).to.deep.equal([])
    expect(existsSync(await pathOf(id))).to.equal(true)
    expect((await stage.learner.get(url)).text).to.equal(before)
    // And into the store again, for the tests below.
    setStores(inS3)
    await stage.administrator.post('/storage/move')
    await app.settle()
  })

  it('that fails in the middle of a move loses nothing, and the move goes on later', async () => {
    setStores(onDisk())
    const kept = [await stage.keep('m1.wav', wav(7100)), await stage.keep('m2.wav', wav(7101))]
    setStores(inS3)
    s3.mood = 'error'
    await stage.administrator.post('/storage/move')
    await app.settle()
    for (const { id } of kept) expect(existsSync(await pathOf(id))).to.equal(true)
    s3.mood = 'well'
    awake()
    await db()('jobs')
      .where({ kind: 'files.move', state: 'queued' })
      .update({ run_at: daysAgo(1), attempts: 0 })
    await app.settle()
    for (const { id, url } of kept) {
      expect(existsSync(await pathOf(id))).to.equal(false)
      expect((await stage.learner.get(url)).status).to.equal(200)
    }
  })

  it('in S3 is part of a backup, and is restored to where the new place keeps files', async () => {
    const { id } = await stage.keep('backup.wav', wav(8000))
    const folder = mkdtempSync(join(tmpdir(), 'integral-store-'))
    const file = join(folder, 'backup.zip')
    const source = { dataFolder: dataFolder(), database: openedDatabase(), storage: config() }
    const { manifest } = await makeBackup(source, { target: file })
    const sha256 = await shaOf(id)
    expect(manifest.files).to.include(sha256)
    expect(manifest.missing).to.deep.equal([])

    await restore(file, { folder: join(folder, 'disk') })
    expect(existsSync(join(folder, 'disk', contentKey(sha256)))).to.equal(true)

    const variables = {
      INTEGRAL_S3_ENDPOINT: s3.config.endpoint,
      INTEGRAL_S3_BUCKET: s3.config.bucket,
      INTEGRAL_S3_ACCESS_KEY: s3.config.accessKey,
      INTEGRAL_S3_SECRET_KEY: s3.config.secretKey,
      INTEGRAL_S3_PREFIX: 'restored/',
    }
    Object.assign(process.env, variables)
    try {
      const { config: restored } = await restore(file, { folder: join(folder, 's3') })
      expect(existsSync(join(folder, 's3', contentKey(sha256)))).to.equal(false)
      const stores = storesOf(restored)
      expect((await text(await stores.main.open(contentKey(sha256)))).length).to.be.above(0)
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name]
      rmSync(folder, { recursive: true })
    }
  })

  it('that is away makes no backup that has files missing', async () => {
    s3.mood = 'error'
    const folder = mkdtempSync(join(tmpdir(), 'integral-store-'))
    const source = { dataFolder: dataFolder(), database: openedDatabase(), storage: config() }
    const error = await makeBackup(source, { target: join(folder, 'backup.zip') }).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(StoreError)
    expect(readdirSync(folder)).to.deep.equal([])
    rmSync(folder, { recursive: true })
  })

  it('that is away stops a list of people before anything is written; the list waits, and is checked again', async () => {
    const walk = walkThrough(app, stage.administrator)
    const lines = [
      ['Фамилия', 'Имя', 'Почта'],
      ['Титова', 'Анна', 'titova@school.example.org'],
    ]
    expect((await walk.upload(csvFile(lines))).status).to.equal(303)
    s3.mood = 'error'
    await walk.choose()
    const failed = await walk.check()
    expect(failed.text).to.include('Хранилище файлов не отвечает. Файл цел')
    s3.mood = 'well'
    awake()
    const path = `/imports/${walk.id}/recheck`
    await stage.administrator.post(path, formFields(failed.text, path))
    await app.settle()
    expect((await walk.check()).text).to.include('Добавить 1 человека')
    expect((await walk.commit()).status).to.equal(303)
    expect(await db()('people').where({ email: 'titova@school.example.org' }).first('last_name')).to.deep.equal({
      last_name: 'Титова',
    })
  })

  for (const mood of ['error', 'silent'] as const) {
    it(`that is away (${mood}) refuses a file in words, loses nothing, keeps pages quick, and warns`, async () => {
      awake()
      const kept = await stage.keep(`${mood}.wav`, wav(mood === 'error' ? 9000 : 9001))
      const word = await stage.keep(`${mood}.docx`, await docx([mood]))
      s3.mood = mood
      const refused = await stage.send('b.wav', wav(100))
      expect(refused.status).to.equal(422)
      expect(refused.text).to.include('хранилище файлов не отвечает').and.include('value="b.wav"')
      const started = Date.now()
      expect((await stage.learner.get(kept.material)).text).to.include('<audio class="file-media"')
      expect((await stage.learner.get(word.material)).status).to.equal(200)
      const away = await stage.learner.get(kept.url)
      expect(away.status).to.equal(503)
      expect(away.text).to.include('Файл цел, откройте его через несколько минут')
      expect(away.headers.get('content-disposition')).to.equal(null)
      expect(Date.now() - started).to.be.below(6000)
      await watchStore(0)
      await watchStore(0)
      await app.settle()
      expect((await stage.administrator.get('/administration')).text).to.include('Файлы не сохраняются')
      expect((await stage.administrator.get('/storage')).text).to.include('новые файлы не сохраняются')
      expect((await stage.administrator.get('/notices')).text).to.include('Хранилище файлов не отвечает')

      s3.mood = 'well'
      awake()
      await watchStore(0)
      await app.settle()
      expect((await stage.administrator.get('/administration')).text).to.not.include('Файлы не сохраняются')
      expect((await stage.learner.get(kept.url)).status).to.equal(200)
      const told = await db()('domain_events').where('type', 'like', 'fileStore%').orderBy('id').pluck('type')
      expect(told.slice(-2)).to.deep.equal(['fileStoreLost', 'fileStoreFound'])
    })
  }

  it('that is full refuses a file in words, keeps no half of it, and warns', async () => {
    const before = await keysOf(inS3.main)
    s3.mood = 'full'
    const refused = await stage.send('full.wav', wav(123))
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('на сервере заканчивается место')
    s3.mood = 'well'
    awake()
    expect(await keysOf(inS3.main)).to.deep.equal(before)

    // A disk on which every write fails as it does on a full one.
    const full = onDisk()
    const refuse = () => Promise.reject(new StoreError('errors.storeFull', new Error('ENOSPC')))
    setStores({ ...full, main: { ...full.main, put: refuse, check: refuse } })
    expect((await stage.send('full.wav', wav(123))).text).to.include('на сервере заканчивается место')
    await watchStore(0)
    await app.settle()
    expect((await stage.administrator.get('/notices')).text).to.include('Место для файлов закончилось')
    setStores(inS3)
    await watchStore(0)
    await app.settle()
    expect((await stage.administrator.get('/notices')).text).to.include('Хранилище файлов снова работает')
  })
})

/** The same stores, in which everything is older by so many days. */
function agedBy(stores: Stores, days: number): Stores {
  async function* list(prefix: string) {
    for await (const entry of stores.main.list(prefix)) {
      yield { ...entry, modifiedAt: entry.modifiedAt - days * 86_400_000 }
    }
  }
  return { ...stores, other: undefined, main: { ...stores.main, list } }
}
