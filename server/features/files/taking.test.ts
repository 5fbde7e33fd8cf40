import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect } from 'chai'
import sharp from 'sharp'
import { dataFolder } from '../../config.ts'
import { db } from '../../core/db/index.ts'
import { setScanner } from '../../core/files/scanner.ts'
import { useApp } from '../../testing/app.ts'
import { makeMilestone } from '../../testing/builders.ts'
import { docx, type FileStage, makeFileStage, pdf, wav } from './testing.ts'

const SETTINGS = { personMegabytes: 2000, authorityMegabytes: 0, keepFreeMegabytes: 0, unscanned: 'refuse' }

describe('files that are sent', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: FileStage
  const change = async (values: Record<string, unknown>) => {
    const answer = await stage.administrator.post('/storage', { ...SETTINGS, ...values })
    expect(answer.status, answer.text).to.equal(303)
  }
  const uploads = () => join(dataFolder(), 'uploads')
  const left = () => (existsSync(uploads()) ? readdirSync(uploads()) : [])
  const count = async () => Number((await db()('files').count('* as count').first())?.count)
  /** Refused in these words beside the field, with what was typed, and nothing is left of it. */
  const expectRefused = async (name: string, content: Uint8Array, words: string) => {
    const before = await count()
    const answer = await stage.send(name, content)
    expect(answer.status, name).to.equal(422)
    expect(answer.text).to.include('id="f-file-error"').and.include(words)
    expect(answer.text).to.include(`value="${name.replace(/&/g, '&amp;')}"`)
    expect(await count()).to.equal(before)
    await expectNothingLeft()
  }
  const expectNothingLeft = async () => {
    for (let tries = 0; left().length && tries < 50; tries++) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(left()).to.deep.equal([])
  }

  before(async () => {
    stage = await makeFileStage(app)
    rmSync(uploads(), { recursive: true, force: true })
    await change({})
  })
  afterEach(() => setScanner(undefined))

  describe('and are not what they seem', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    const page = '<!doctype html><script>alert(1)</script>'
    const cases: [string, Uint8Array, string][] = [
      ['drawing.svg', Buffer.from(svg), 'Такой файл не принимается'],
      ['drawing.png', Buffer.from(svg), 'Такой файл не принимается'],
      ['page.html', Buffer.from(page), 'Такой файл не принимается'],
      ['program.exe', Buffer.from('MZ\u0090\u0000program'), 'Такой файл не принимается'],
      ['photo.jpg', pdf('x'), 'на самом деле PDF'],
      ['report.pdf', Buffer.from(page), 'Такой файл не принимается'],
      ['report.docx', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'), 'на самом деле ZIP'],
      ['no ending', pdf('x'), 'на самом деле PDF'],
      ['empty.pdf', Buffer.alloc(0), 'Такой файл не принимается'],
    ]
    for (const [name, content, words] of cases) {
      it(`are refused: ${name}, ${content.length} bytes`, () => expectRefused(name, content, words))
    }

    it('are a page to no browser, though a text may look like one', async () => {
      const { url } = await stage.keep('page.txt', Buffer.from(page))
      const answer = await stage.learner.get(url)
      expect(answer.headers.get('content-type')).to.equal('text/plain')
      expect(answer.headers.get('x-content-type-options')).to.equal('nosniff')
      expect(answer.headers.get('content-security-policy')).to.include('sandbox')
    })

    it('get a name that does no harm', async () => {
      const { id } = await stage.keep('..\\..\\con\u202Efdp.wav', wav(10))
      expect((await db()('files').where({ id }).first('name')).name).to.equal('confdp.wav')
    })
  })

  describe('and would swell', () => {
    /** A document whose list of parts says another size of one of them. */
    const lying = async (name: string, said: number) => {
      const document = await docx(['x'], { [`word/media/${name}.xml`]: Buffer.alloc(5_000_000) })
      const [size, other] = [Buffer.alloc(4), Buffer.alloc(4)]
      size.writeUInt32LE(5_000_000)
      other.writeUInt32LE(said)
      for (let at = document.indexOf(size); at >= 0; at = document.indexOf(size)) other.copy(document, at)
      return document
    }

    it('are refused when their list of parts says so', async () => {
      await expectRefused('bomb.docx', await lying('a', 600_000_000), 'больше 500 МБ')
    })

    it('are refused when that list lies', async () => {
      await expectRefused('liar.docx', await lying('b', 10), 'Файл повреждён')
    })

    it('are refused when they are pictures of more points than memory holds', async () => {
      await expectRefused('huge.png', hugePng(30_000, 30_000), 'больше 50 мегапикселей')
    })

    it('are refused when they are pictures cut in the middle', async () => {
      const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
      const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#000', noise } })
        .png()
        .toBuffer()
      await expectRefused('half.png', whole.subarray(0, whole.length / 2), 'Изображение повреждено')
    })
  })

  describe('and are too large', () => {
    it('are refused, and what was typed stays, though its fields came after the file', async () => {
      await change({ limits: { material: 1 } })
      await expectRefused('long.wav', wav(6_000_000), 'Файл больше 1 МБ')
      await expectRefused('longer.wav', wav(1_500_000), 'Файл больше 1 МБ')
      const form = await stage.instructor.get(`/topics/${stage.topic}/materials/new?kind=file`)
      expect(form.text).to.include('data-most="1"').and.include('до 1 МБ')
      await change({ limits: { material: 500 } })
    })

    it('are refused at once when ten gigabytes are announced, and nothing of them is read', async () => {
      const started = Date.now()
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request(`${app.url}/topics/${stage.topic}/materials`, {
          method: 'POST',
          headers: {
            cookie: stage.instructor.cookie,
            'content-type': 'multipart/form-data; boundary=x',
            'content-length': 10_000_000_000,
          },
        })
        outgoing.once('response', (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        outgoing.once('error', reject)
        outgoing.write('--x\r\n')
      })
      expect(status).to.equal(422)
      expect(Date.now() - started).to.be.below(3000)
      expect(left()).to.deep.equal([])
    })

    it('cannot be allowed beyond what a store takes, nor where they are read as a whole', async () => {
      const wrong = await stage.administrator.post('/storage', { ...SETTINGS, limits: { material: 5000, import: 21 } })
      expect(wrong.status).to.equal(422)
      expect(wrong.text).to.include('Не больше 4').and.include('id="f-limits-import-error"')
    })
  })

  it('and cut off leave nothing behind', async () => {
    const before = await count()
    const head = [
      `POST /topics/${stage.topic}/materials HTTP/1.1`,
      'Host: 127.0.0.1',
      `Cookie: ${stage.instructor.cookie}`,
      'Content-Type: multipart/form-data; boundary=x',
      'Content-Length: 900000',
      '',
      '--x',
      'Content-Disposition: form-data; name="file"; filename="a.wav"',
      '',
      '',
    ].join('\r\n')
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.write(head)
    socket.write(wav(100_000))
    for (let tries = 0; !left().length && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(left()).to.have.length(1)
    socket.destroy()
    await expectNothingLeft()
    expect(await count()).to.equal(before)
  })

  describe('find room', () => {
    const offer = async (name: string, size: number) => {
      const { programme_id } = await db()('modules')
        .join('topics as t', 't.module_id', 'modules.id')
        .first('programme_id')
      const milestone = await makeMilestone({ programme_id })
      const enrolment = await db()('enrolments as e')
        .join('accounts as a', 'a.person_id', 'e.person_id')
        .where({ login: 'learner' })
        .first('e.id')
      const file = new File([new Uint8Array(wav(size))], name)
      const path = `/my/tracking/${enrolment.id}/milestones/${milestone}/evidence`
      return stage.learner.upload(path, { version: 0, note: 'Вот запись', file })
    }
    after(() => change({}))

    it('of their sender, and are refused with what is left of it', async () => {
      await change({ personMegabytes: 3 })
      expect((await offer('1.wav', 1_600_000)).status).to.equal(303)
      const refused = await offer('2.wav', 1_600_000)
      expect(refused.status).to.equal(422)
      expect(refused.text).to.include('осталось 1 МБ из 3').and.include('Вот запись</textarea>')
      expect((await offer('3.wav', 1_200_000)).status).to.equal(303)
      const page = await stage.administrator.get('/storage')
      expect(page.text).to.include('Подтверждения в журналах сопровождения').and.include('2,8 МБ')
      // What is made for everybody takes nobody's own room.
      await stage.keep('4.wav', wav(4_000_000))
    })

    it('once, though two are sent at the same moment', async () => {
      await change({ personMegabytes: 5 })
      const answers = await Promise.all([offer('5.wav', 1_800_000), offer('6.wav', 1_800_000)])
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 422])
    })

    it('of the authority', async () => {
      await change({ authorityMegabytes: 1 })
      await expectRefused('7.wav', wav(1_000_000), 'Место для файлов закончилось')
    })

    it('on the disk, of which some is left to everything else', async () => {
      await change({ keepFreeMegabytes: 900_000_000 })
      await expectRefused('8.wav', wav(1000), 'на сервере заканчивается место')
    })
  })

  describe('are looked at by a virus scanner', () => {
    const scanner = (script: string) => {
      const path = join(dataFolder(), 'scanner with spaces.cjs')
      writeFileSync(path, script)
      setScanner(`${process.execPath} "${path}" --file={file}`)
    }

    it('and pass', async () => {
      scanner('process.exit(require("fs").statSync(process.argv[2].slice(7)).size === 54 ? 0 : 1)')
      await stage.keep('clean.wav', wav(10))
    })

    it('and are refused when they are infected, which is noted', async () => {
      scanner('process.exit(1)')
      await expectRefused('ill.wav', wav(11), 'найден вирус')
      const event = await db()('domain_events').where({ type: 'infectedFileRefused' }).first()
      expect(JSON.parse(event.data)).to.deep.equal({ name: 'ill.wav', use: 'material' })
    })

    it('and are refused or taken as the settings say when it gives no answer', async () => {
      for (const make of [() => scanner('process.exit(2)'), () => setScanner('/no/such/program')]) {
        make()
        await expectRefused('unknown.wav', wav(12), 'Проверка на вирусы сейчас не работает')
        await change({ unscanned: 'accept' })
        await stage.keep('unknown.wav', wav(12))
        await change({})
      }
    })
  })
})

/** A picture whose head promises so many points: a few bytes that would take gigabytes. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(8 + body.length)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), 4 + body.length)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 8
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  const data = deflateSync(Buffer.alloc(1000))
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function crc32(bytes: Buffer): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}
