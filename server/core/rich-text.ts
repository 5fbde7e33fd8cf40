import sanitizeHtml from 'sanitize-html'
import type { Translated } from './text.ts'

/**
 * Rich text is kept as HTML of a small vocabulary. It is cleaned when it is written, never when it is shown: whatever lies
 * in a rich-text column may be printed as it is.
 */

const BLOCKS = ['p', 'h3', 'h4', 'ul', 'ol', 'blockquote', 'table', 'hr']
const TAGS = [...BLOCKS, 'li', 'strong', 'em', 'u', 'a', 'br', 'thead', 'tbody', 'tr', 'th', 'td', 'img']
const FILE_ADDRESS = /^\/files\/[1-9]\d{0,9}$/
const LINK_ADDRESS = /^(https?:\/\/|mailto:|\/(?!\/))/i

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: TAGS,
  allowedAttributes: {
    a: ['href', 'rel'],
    img: ['src', 'alt'],
    th: ['colspan', 'rowspan'],
    td: ['colspan', 'rowspan'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  // The page has its own first and second headings; a text begins with the third.
  transformTags: {
    h1: 'h3',
    h2: 'h3',
    h5: 'h4',
    h6: 'h4',
    b: 'strong',
    i: 'em',
    div: 'p',
    a: (tagName, { href = '' }): sanitizeHtml.Tag =>
      LINK_ADDRESS.test(href)
        ? { tagName, attribs: { href, rel: 'noopener noreferrer' } }
        : { tagName: 'u', attribs: {} },
  },
  // Pictures come from our own files only: a foreign address would tell a stranger who reads.
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !FILE_ADDRESS.test(attribs.src ?? ''),
}

const LOOKS_LIKE_HTML = new RegExp(`<(${TAGS.join('|')}|div|h1|h2|b|i|span)\\b[^>]*>`, 'i')

export const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Plain text as rich text: empty lines part paragraphs, a single line break stays one. */
export const htmlFromText = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br />')}</p>`)
    .join('')

/** Words typed outside any block (by hand, without the editor) get paragraphs of their own. */
function wrapLooseText(html: string): string {
  const block = new RegExp(`<(${[...BLOCKS, 'li', 'thead', 'tbody', 'tr', 'th', 'td'].join('|')})\\b[^>]*>`, 'i')
  if (!html || block.exec(html)?.index === 0) return html
  const first = block.exec(html)?.index ?? html.length
  const loose = html.slice(0, first).trim()
  const paragraphs = loose
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => `<p>${part.trim()}</p>`)
  return paragraphs.join('') + html.slice(first)
}

/** The editor wraps the content of list items and cells in paragraphs; a single one adds nothing but space. */
const unwrapSingleParagraphs = (html: string) =>
  html.replace(/<(li|td|th)((?:\s[^>]*)?)><p>((?:(?!<\/?p>).)*)<\/p>(?=<\/\1>|<[uo]l>)/gs, '<$1$2>$3')

/** Whether there is nothing to read in a rich text: no words and no picture. */
export const isBlankHtml = (html: string): boolean =>
  !/<(img|hr)\b/i.test(html) && html.replace(/<[^>]*>|&nbsp;|\s/g, '') === ''

/**
 * What may be stored of a rich text that came from a form, a file or another system. Plain text, typed where the editor
 * did not run, becomes paragraphs. A text without words becomes ''.
 */
export function cleanHtml(input: string): string {
  const text = input.normalize('NFC')
  if (!LOOKS_LIKE_HTML.test(text)) return htmlFromText(text)
  const wrapped = wrapLooseText(sanitizeHtml(text, OPTIONS).trim())
  // Once more, since a paragraph put around broken markup may have parted an open tag from its end.
  const html = unwrapSingleParagraphs(sanitizeHtml(wrapped, OPTIONS))
  return isBlankHtml(html) ? '' : html
}

const eachLanguage = (texts: Translated, change: (html: string) => string): Translated =>
  Object.fromEntries(
    Object.entries(texts)
      .map(([language, html]) => [language, change(html)] as const)
      .filter(([, html]) => html),
  )

/**
 * The same for a text in several languages; languages without words are left out. Pictures are left out too: nothing would
 * hang their files on what the text belongs to.
 */
export const cleanTranslatedHtml = (texts: Translated): Translated =>
  eachLanguage(texts, (html) => {
    const text = withPictures(cleanHtml(html), () => undefined)
    return isBlankHtml(text) ? '' : text
  })

/** The same for a text with pictures. Whoever saves it hangs their files on its object, and refuses those of other objects. */
export const cleanIllustratedHtml = (texts: Translated): Translated => eachLanguage(texts, cleanHtml)

/** A cleaned text whose pictures are other files: `fileOf` says which; a picture without one is left out. */
export const withPictures = (html: string, fileOf: (file: number) => number | undefined): string =>
  html.replace(/<img\b[^>]*\bsrc="\/files\/(\d+)"[^>]*>/g, (image, file: string) => {
    const id = fileOf(Number(file))
    return id === undefined ? '' : image.replace(`/files/${file}"`, `/files/${id}"`)
  })

/**
 * A stored rich text as a page prints it: wide tables scroll within a frame of their own, which the keyboard reaches.
 * @param tableLabel what screen readers say of such a frame
 */
export const readableHtml = (html: string, tableLabel: string): string =>
  html
    .replace(
      /<table>/g,
      `<div class="prose-table" role="region" tabindex="0" aria-label="${escapeHtml(tableLabel)}"><table>`,
    )
    .replace(/<\/table>/g, '</table></div>')

/** The words of a rich text, for previews and search. */
export const textOfHtml = (html: string): string =>
  sanitizeHtml(html.replace(/<(\/p|\/li|\/h[34]|\/t[dh]|br)\b[^>]*>/gi, ' $&'), {
    allowedTags: [],
    allowedAttributes: {},
    textFilter: (text) => text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
  })
    .replace(/\s+/g, ' ')
    .trim()

/** The files whose pictures stand in a rich text. */
export const filesInHtml = (html: string): number[] => [
  ...new Set([...html.matchAll(/<img[^>]*\bsrc="\/files\/(\d+)"/g)].map((match) => Number(match[1]))),
]
