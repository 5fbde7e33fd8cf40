import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import sharp from 'sharp'
import { packageRoot } from '../../core/paths.ts'
import { useApp } from '../../testing/app.ts'
import { expectAccessible, expectNothingClipped, useBrowser } from '../../testing/browser.ts'
import { docx, type FileStage, makeFileStage, pdf } from './testing.ts'

/** Twenty seconds of a test picture with a key frame every second. */
const film = () => readFileSync(join(packageRoot, 'server/testing/files/film.webm'))

describe('files in the browser', function () {
  this.timeout(120_000)
  const app = useApp()
  const browser = useBrowser(app)
  let stage: FileStage
  before(async () => {
    stage = await makeFileStage(app)
  })

  it('play a film from any place in it', async () => {
    const { url } = await stage.keep('Открытый урок.webm', film())
    const page = await browser.open('learner', '/')
    const answers: number[] = []
    page.on('response', (answer) => {
      if (answer.url().endsWith(url)) answers.push(answer.status())
    })
    await page.goto(`${url}/view`)
    const at = (await page.evaluate(`(async () => {
      const video = document.querySelector('video')
      if (video.readyState < 1) await new Promise((resolve) => video.addEventListener('loadedmetadata', resolve))
      const seeked = new Promise((resolve) => video.addEventListener('seeked', resolve))
      video.currentTime = 15
      await seeked
      return { length: video.duration, now: video.currentTime, seekable: video.seekable.end(0), error: video.error?.message }
    })()`)) as { length: number; now: number; seekable: number; error?: string }
    expect(at.length).to.be.closeTo(20, 0.2)
    expect(at.seekable).to.be.closeTo(20, 0.2)
    expect(at.now).to.be.closeTo(15, 0.1)
    expect(at.error).to.equal(undefined)
    expect(answers).to.include(206)
    await expectAccessible(page)
  })

  for (const width of [1280, 390]) {
    it(`show a PDF as pages with words, at ${width}`, async () => {
      const { material } = await stage.keep('План.pdf', pdf('Plan of the week'))
      const page = await browser.open('learner', material, { width, colorScheme: width < 700 ? 'dark' : 'light' })
      await page.locator('.pdf-page[data-drawn]').waitFor()
      await page.locator('.pdf-words').getByText('Plan of the week').waitFor()
      // Something is painted, and not only white.
      const dark = await page.evaluate(`(() => {
        const canvas = document.querySelector('.pdf-page canvas')
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        return data.some((value, at) => at % 4 === 0 && value < 100)
      })()`)
      expect(dark).to.equal(true)
      const before = (await page.locator('.pdf-page').boundingBox())?.width ?? 0
      await page.getByRole('button', { name: 'Крупнее' }).press('Enter')
      await page.locator('.pdf-page[data-drawn]').waitFor()
      expect((await page.locator('.pdf-page').boundingBox())?.width).to.be.above(before)
      await expectNothingClipped(page)
      await expectAccessible(page)
    })
  }

  it('leave a link to the PDF where scripts are off', async () => {
    const { url } = await stage.keep('План.pdf', pdf('x'))
    const page = await browser.open('learner', `${url}/view`, { javaScript: false })
    expect(await page.getByRole('link', { name: 'Открыть документ' }).getAttribute('href')).to.equal(url)
  })

  it('show a Word document as soon as it is ready, caged', async () => {
    const { material } = await stage.keep('Программа.docx', await docx(['Программа недели', 'Понедельник']))
    const page = await browser.open('learner', material)
    await page.frameLocator('.file-page').getByText('Программа недели').waitFor()
    await expectNothingClipped(page)
    const origin = await page.frames()[1]?.evaluate('self.origin')
    expect(origin).to.equal('null')
  })

  it('say that a file is too large before it is sent', async () => {
    await stage.administrator.post('/storage', {
      personMegabytes: 0,
      authorityMegabytes: 0,
      keepFreeMegabytes: 0,
      unscanned: 'refuse',
      limits: { material: 1 },
    })
    const page = await browser.open('instructor', `/topics/${stage.topic}/materials/new?kind=file`)
    const field = page.locator('input[type=file]')
    await field.setInputFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(1_100_000) })
    await page.getByRole('alert').getByText('Файл больше 1 МБ').waitFor()
    await page.locator('[name="title[ru]"]').fill('Запись')
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.waitForTimeout(300)
    expect(page.url()).to.include('/materials/new')
    await field.setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('Привет') })
    await page.getByText('Файл больше 1 МБ').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Добавить' }).click()
    await page.getByText('Материал добавлен').waitFor()
  })

  for (const width of [1280, 390]) {
    it(`are looked after by the administrator, at ${width}`, async () => {
      const page = await browser.open('administrator', '/storage', { width })
      await page.getByRole('heading', { level: 1, name: 'Файлы' }).waitFor()
      await page.getByLabel('Одному человеку').fill('-1')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.locator('#f-personMegabytes-error').waitFor()
      await page.getByLabel('Одному человеку').fill('3000')
      await page.getByLabel('Материалы программ').fill('700')
      await page.getByRole('button', { name: 'Сохранить' }).click()
      await page.getByText('Ограничения сохранены').waitFor()
      expect(await page.getByLabel('Материалы программ').inputValue()).to.equal('700')
      await expectNothingClipped(page)
      await expectAccessible(page)
    })
  }

  it('show small pictures of evidence, and their own page in the dark and on a phone', async () => {
    const photo = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#284' } })
      .jpeg()
      .toBuffer()
    const { url } = await stage.keep('Фото.jpg', photo)
    const page = await browser.open('learner', `${url}/view`, { width: 390, colorScheme: 'dark' })
    await page.locator('img.file-media').waitFor()
    await expectNothingClipped(page)
    await expectAccessible(page)
  })
})
