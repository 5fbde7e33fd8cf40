import { expect } from 'chai'
import iconv from 'iconv-lite'
import sharp from 'sharp'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { docx, type FileStage, makeFileStage, pdf, wav } from './testing.ts'

describe('files', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: FileStage
  before(async () => {
    stage = await makeFileStage(app)
  })

  const get = (url: string, headers: Record<string, string> = {}) =>
    fetch(app.url + url, { headers: { cookie: stage.learner.cookie, ...headers } })
  const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

  describe('that are played', () => {
    const sound = wav(100_000)
    let url: string
    before(async () => {
      url = (await stage.keep('Звук.wav', sound)).url
    })

    it('come as a whole with their name, and say that parts can be had', async () => {
      const answer = await get(url)
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('accept-ranges')).to.equal('bytes')
      expect(answer.headers.get('content-type')).to.equal('audio/wav')
      expect(answer.headers.get('content-disposition')).to.equal(
        'inline; filename="____.wav"; filename*=UTF-8\'\'%D0%97%D0%B2%D1%83%D0%BA.wav',
      )
      expect((await bytesOf(answer)).equals(sound)).to.equal(true)
    })

    const parts: [string, number, number][] = [
      ['bytes=0-', 0, sound.length - 1],
      ['bytes=0-0', 0, 0],
      ['bytes=50000-50099', 50_000, 50_099],
      ['bytes=-100', sound.length - 100, sound.length - 1],
      ['bytes=99000-999999999', 99_000, sound.length - 1],
    ]
    for (const [range, start, end] of parts) {
      it(`come in part: ${range}`, async () => {
        const answer = await get(url, { range })
        expect(answer.status).to.equal(206)
        expect(answer.headers.get('content-range')).to.equal(`bytes ${start}-${end}/${sound.length}`)
        expect((await bytesOf(answer)).equals(sound.subarray(start, end + 1))).to.equal(true)
      })
    }

    it('have no part beyond their end, and ignore what is no range', async () => {
      const beyond = await get(url, { range: 'bytes=200000-' })
      expect(beyond.status).to.equal(416)
      expect(beyond.headers.get('content-range')).to.equal(`bytes */${sound.length}`)
      for (const range of ['bytes=abc', 'lines=1-2', 'bytes=0-1,5-6']) {
        expect((await get(url, { range })).status, range).to.equal(200)
      }
    })

    it('come in part only while they are the same, and not again while they are known', async () => {
      const tag = (await get(url)).headers.get('etag') as string
      expect((await get(url, { range: 'bytes=5-9', 'if-range': tag })).status).to.equal(206)
      expect((await get(url, { range: 'bytes=5-9', 'if-range': '"other"' })).status).to.equal(200)
      expect((await get(url, { 'if-none-match': tag, 'cache-control': 'max-age=0' })).status).to.equal(304)
    })

    it('tell their size to who asks for the head alone', async () => {
      const answer = await fetch(app.url + url, { method: 'HEAD', headers: { cookie: stage.learner.cookie } })
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('content-length')).to.equal(String(sound.length))
      expect(await answer.text()).to.equal('')
    })
  })

  it('and everything made of them open for those who may see what they hang on, and nobody else', async () => {
    const photo = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#284' } })
      .jpeg()
      .toBuffer()
    const { url, material } = await stage.keep('Фото.jpg', photo)
    for (const path of ['', '/view', '/thumb', '/preview/state']) {
      expect((await stage.learner.get(url + path)).status, path).to.equal(200)
      expect((await stage.stranger.get(url + path)).status, path).to.equal(404)
      expect((await app.visitor().get(url + path)).status, path).to.equal(401)
    }
    const thumb = await sharp(await bytesOf(await get(`${url}/thumb`))).metadata()
    expect([thumb.format, thumb.width, thumb.height]).to.deep.equal(['webp', 320, 213])
    // What hangs on nothing any more opens for nobody.
    await stage.instructor.post(`${material}/remove`)
    expect((await stage.learner.get(url)).status).to.equal(404)
    expect((await stage.learner.get(`${url}/thumb`)).status).to.equal(404)
  })

  it('that are pictures are painted anew: no place, no camera, nothing behind the picture', async () => {
    const exif = { IFD0: { Model: 'Secret camera' }, IFD3: { GPSLatitude: '55/1 45/1 0/1' } }
    const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#284' } })
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    const { url } = await stage.keep('a.jpg', Buffer.concat([picture, Buffer.from('<script>alert(1)</script>')]))
    const kept = await bytesOf(await get(url))
    expect(kept.includes('Secret camera')).to.equal(false)
    expect(kept.includes('<script>')).to.equal(false)
    const { width, height, exif: left } = await sharp(kept).metadata()
    expect([width, height, left]).to.deep.equal([30, 40, undefined])
  })

  it('with the same content are kept once, under as many names as there are', async () => {
    const text = Buffer.from('Одно и то же содержание')
    const [first, second] = [await stage.keep('первый.txt', text), await stage.keep('второй.txt', text)]
    const rows = await db()('files').whereIn('id', [first.id, second.id]).select('sha256', 'name', 'purpose')
    expect(new Set(rows.map(({ sha256 }) => sha256)).size).to.equal(1)
    expect(rows.map(({ name, purpose }) => [name, purpose])).to.deep.equal([
      ['первый.txt', 'material'],
      ['второй.txt', 'material'],
    ])
  })

  describe('are shown in the browser:', () => {
    it('a Word document as a harmless page, made once in the background', async () => {
      const content = await docx(['Программа недели', 'Ссылка &amp; &lt;script&gt;alert(1)&lt;/script&gt;'])
      const { id, url, material } = await stage.keep('Программа.docx', content)
      expect((await stage.learner.get(`${url}/preview`)).status).to.equal(404)
      expect((await stage.learner.get(material)).text).to.include('Документ готовится к показу')
      await app.settle()
      const page = await stage.learner.get(`${url}/preview`)
      expect(page.status).to.equal(200)
      expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8')
      expect(page.headers.get('content-security-policy')).to.include("default-src 'none'").and.include('sandbox')
      expect(page.text).to.include('<p>Программа недели</p>').and.include('&lt;script&gt;').and.not.include('<script')
      expect((await stage.learner.get(material)).text).to.include(`<iframe class="file-page" src="${url}/preview"`)
      expect((await stage.stranger.get(`${url}/preview`)).status).to.equal(404)
      // The same content under another name needs nothing to be made.
      const twin = await stage.keep('Копия.docx', content)
      expect(twin.id).to.not.equal(id)
      expect((await stage.learner.get(`${twin.url}/preview`)).status).to.equal(200)
      expect(await db()('jobs').where({ kind: 'files.preview' })).to.have.length(1)
    })

    it('a Word document without the addresses that run, and without what lies elsewhere', async () => {
      const names =
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
      const link = (id: string) => `<w:p><w:hyperlink r:id="${id}"><w:r><w:t>link ${id}</w:t></w:r></w:hyperlink></w:p>`
      const kind = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink'
      const target = (id: string, address: string) =>
        `<Relationship Id="${id}" Type="${kind}" Target="${address}" TargetMode="External"/>`
      const content = await docx([], {
        'word/document.xml': Buffer.from(`<w:document ${names}><w:body>${link('a')}${link('b')}</w:body></w:document>`),
        'word/_rels/document.xml.rels': Buffer.from(
          `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${target('a', 'javascript:alert(1)')}${target('b', 'https://example.org/')}</Relationships>`,
        ),
      })
      const { url } = await stage.keep('Ссылки.docx', content)
      await stage.learner.get(`${url}/view`)
      await app.settle()
      const page = await stage.learner.get(`${url}/preview`)
      expect(page.text).to.include('link a').and.not.include('javascript:')
      expect(page.text).to.include('href="https://example.org/" rel="noopener noreferrer" target="_blank"')
    })

    it('not a document that cannot be read; it says so, and can be saved', async () => {
      const broken = await docx([], { 'word/document.xml': Buffer.from('<w:document') })
      const { url } = await stage.keep('Пустой.docx', broken)
      await stage.learner.get(`${url}/view`)
      await app.settle()
      const page = await stage.learner.get(`${url}/view`)
      expect(page.text).to.include('файл повреждён или защищён паролем').and.include('?download=1')
      expect(JSON.parse((await stage.learner.get(`${url}/preview/state`)).text).working).to.equal(false)
    })

    it('a PDF in our own viewer, a film, a sound and a picture by the browser', async () => {
      const { url, material } = await stage.keep('План.pdf', pdf('Plan'))
      expect((await stage.learner.get(material)).text).to.include(`data-component="pdf-view" data-src="${url}"`)
      const saved = await stage.learner.get(`${url}?download=1`)
      expect(saved.headers.get('content-disposition')).to.match(/^attachment; /)
      const sound = await stage.keep('a.wav', wav(10))
      expect((await stage.learner.get(`${sound.url}/view`)).text).to.include(`<audio class="file-media" controls`)
    })

    const texts: [string, Buffer][] = [
      ['UTF-8', Buffer.from('Список: Ёлкина, 5 <b>')],
      ['Windows-1251', iconv.encode('Список: Ёлкина, 5 <b>', 'windows-1251')],
      ['UTF-16', iconv.encode('Список: Ёлкина, 5 <b>', 'utf-16le', { addBOM: true })],
    ]
    for (const [encoding, content] of texts) {
      it(`a text in ${encoding}`, async () => {
        const { url } = await stage.keep(`${encoding}.txt`, content)
        expect((await stage.learner.get(`${url}/view`)).text).to.include('Список: Ёлкина, 5 &lt;b&gt;')
      })
    }

    it('not an archive: it is saved', async () => {
      const { url } = await stage.keep('a.zip', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'))
      expect((await stage.learner.get(`${url}/view`)).text).to.include('В браузере этот файл не показать')
      expect((await stage.learner.get(url)).headers.get('content-disposition')).to.match(/^attachment; /)
    })
  })

  it('cost a constant number of queries', async () => {
    const { url } = await stage.keep('q.wav', wav(100))
    expect((await stage.learner.get(url)).queries).to.be.at.most(10)
    expect((await stage.learner.get(`${url}/view`)).queries).to.be.at.most(10)
    expect((await stage.administrator.get('/storage')).queries).to.be.at.most(10)
  })
})
