import { icon } from '../lib/icon.js'

// Built from public/js/bundles/; without them the link to the file stays.
const BUNDLE = '/js/pdf.js'
const WORKER = '/js/pdf-worker.js'
const RESOURCES = '/pdf'
const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3]
/** Pages beside the visible ones that are drawn beforehand. */
const AHEAD = '600px'

/**
 * Shows a PDF as pages below one another: alike in every browser, on phones too, where most have no viewer of their own.
 * A page is drawn when it comes near, and its words lie over it for readers' eyes, fingers and screen readers.
 */
export default async function pdfView(element) {
  const { src, label, failed } = element.dataset
  const fallback = [...element.childNodes]
  try {
    const { getDocument, GlobalWorkerOptions, TextLayer } = await import(BUNDLE)
    GlobalWorkerOptions.workerPort ??= new Worker(WORKER, { type: 'module' })
    const pdf = await getDocument({
      url: src,
      cMapUrl: `${RESOURCES}/cmaps/`,
      standardFontDataUrl: `${RESOURCES}/standard_fonts/`,
      wasmUrl: `${RESOURCES}/wasm/`,
      useWasm: false,
      isEvalSupported: false,
    }).promise
    const viewer = new Viewer(element.dataset, pdf, TextLayer)
    await viewer.prepare()
    element.replaceChildren(viewer.tools, viewer.pages)
    viewer.pages.setAttribute('aria-label', label)
    viewer.fit()
  } catch {
    const note = document.createElement('p')
    note.textContent = failed
    element.replaceChildren(note, ...fallback)
  }
}

class Viewer {
  tools = document.createElement('div')
  pages = document.createElement('div')
  #words
  #pdf
  #TextLayer
  #sizes = []
  #zoom = 1
  #observer

  constructor(words, pdf, TextLayer) {
    this.#words = words
    this.#pdf = pdf
    this.#TextLayer = TextLayer
    this.tools.className = 'pdf-tools'
    this.pages.className = 'pdf-pages'
    this.pages.tabIndex = 0
    this.pages.setAttribute('role', 'region')
  }

  /** Sheets are as large as the first page until they are drawn: a book of a thousand pages opens at once. */
  async prepare() {
    const first = await this.#pdf.getPage(1)
    const { width, height } = first.getViewport({ scale: 1 })
    this.#sizes = Array.from({ length: this.#pdf.numPages }, () => ({ width, height }))
    this.tools.append(this.#button('minus', this.#words.smaller, -1), this.#button('plus', this.#words.larger, 1))
    for (let number = 1; number <= this.#pdf.numPages; number++) {
      const sheet = document.createElement('div')
      sheet.className = 'pdf-page'
      sheet.dataset.number = String(number)
      sheet.setAttribute('role', 'group')
      const name = this.#words.page.replace('{page}', String(number)).replace('{pages}', String(this.#pdf.numPages))
      sheet.setAttribute('aria-label', name)
      this.pages.append(sheet)
    }
  }

  fit() {
    const room = this.pages.clientWidth - 24
    this.#zoom = Math.max(0.3, Math.min(1.5, room / this.#sizes[0].width))
    this.#layOut()
    let width = this.pages.clientWidth
    addEventListener('resize', () => {
      if (this.pages.clientWidth === width) return
      width = this.pages.clientWidth
      this.#layOut()
    })
  }

  #button(sign, label, direction) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'btn btn-icon'
    button.setAttribute('aria-label', label)
    button.title = label
    button.append(icon(sign))
    button.addEventListener('click', () => this.#step(direction))
    return button
  }

  #step(direction) {
    const steps = direction > 0 ? STEPS : [...STEPS].reverse()
    const next = steps.find((step) => (step - this.#zoom) * direction > 0.01)
    if (!next) return
    const share = this.pages.scrollTop / this.pages.scrollHeight
    this.#zoom = next
    this.#layOut()
    this.pages.scrollTop = share * this.pages.scrollHeight
  }

  #layOut() {
    this.#observer?.disconnect()
    this.#observer = new IntersectionObserver((entries) => this.#comeNear(entries), {
      root: this.pages,
      rootMargin: AHEAD,
    })
    for (const sheet of this.pages.children) {
      this.#size(sheet)
      sheet.replaceChildren()
      this.#observer.observe(sheet)
    }
  }

  #size(sheet) {
    const { width, height } = this.#sizes[Number(sheet.dataset.number) - 1]
    sheet.style.width = `${width * this.#zoom}px`
    sheet.style.height = `${height * this.#zoom}px`
  }

  #comeNear(entries) {
    for (const { target, isIntersecting } of entries) {
      // A page that is far again gives its memory back.
      if (!isIntersecting) target.replaceChildren()
      else if (!target.firstChild) this.#draw(target, this.#zoom)
    }
  }

  async #draw(sheet, zoom) {
    const canvas = document.createElement('canvas')
    sheet.append(canvas)
    const page = await this.#pdf.getPage(Number(sheet.dataset.number))
    const viewport = page.getViewport({ scale: zoom })
    this.#sizes[Number(sheet.dataset.number) - 1] = { width: viewport.width / zoom, height: viewport.height / zoom }
    this.#size(sheet)
    const density = Math.min(devicePixelRatio || 1, 2)
    canvas.width = Math.floor(viewport.width * density)
    canvas.height = Math.floor(viewport.height * density)
    const transform = density === 1 ? null : [density, 0, 0, density, 0, 0]
    await page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport, transform }).promise
    if (!canvas.isConnected) return
    const words = document.createElement('div')
    words.className = 'pdf-words'
    words.style.setProperty('--total-scale-factor', String(zoom))
    words.style.setProperty('--scale-factor', String(zoom))
    sheet.append(words)
    await new this.#TextLayer({ textContentSource: await page.getTextContent(), container: words, viewport }).render()
    sheet.dataset.drawn = 'true'
  }
}
