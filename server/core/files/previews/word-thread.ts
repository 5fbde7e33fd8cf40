import { writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import mammoth from 'mammoth'
import sanitizeHtml from 'sanitize-html'
import type { WordAnswer, WordTask } from './word.ts'

/** A page of more signs, pictures included, would make a phone's browser stop. */
const MOST_SIGNS = 40_000_000

const STYLE = `
:root { color-scheme: light; }
body { margin: 0 auto; padding: 1.5rem; max-width: 46rem; background: #fff; color: #1b1f24;
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 1.4em 0 0.5em; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 1em 0; }
td, th { border: 1px solid #b8bfc8; padding: 0.3em 0.6em; vertical-align: top; text-align: start; }
td > p, th > p { margin: 0.2em 0; }
a { color: #0b57a4; }
`

const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']
const TEXT = ['p', 'ul', 'ol', 'li', 'strong', 'em', 'u', 's', 'sup', 'sub', 'br', 'a', 'img', 'dl', 'dt', 'dd']
const TABLE = ['table', 'thead', 'tbody', 'tr', 'th', 'td']

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [...HEADINGS, ...TEXT, ...TABLE],
  allowedAttributes: {
    a: ['href', 'id', 'rel', 'target'],
    img: ['src', 'alt'],
    td: ['colspan', 'rowspan'],
    th: ['colspan', 'rowspan'],
    li: ['id'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['data'] },
  allowProtocolRelative: false,
  transformTags: {
    // Notes and headings are reached inside the page; everything else opens beside it.
    a: (tagName, attribs): sanitizeHtml.Tag =>
      attribs.href?.startsWith('#') || !attribs.href
        ? { tagName, attribs }
        : { tagName, attribs: { ...attribs, rel: 'noopener noreferrer', target: '_blank' } },
    img: (tagName, { src = '', alt = '' }): sanitizeHtml.Tag => ({ tagName, attribs: { src, alt } }),
  },
  exclusiveFilter: ({ tag, attribs }) =>
    tag === 'img' && !/^data:image\/(png|jpeg|gif|webp);base64,/.test(attribs.src ?? ''),
}

const { path, target }: WordTask = workerData

async function convert(): Promise<WordAnswer> {
  const { value } = await mammoth.convertToHtml({ path }, { idPrefix: 'doc-', externalFileAccess: false })
  if (value.length > MOST_SIGNS) return 'tooLarge'
  const body = sanitizeHtml(value, OPTIONS)
  await writeFile(
    target,
    `<!doctype html><html><meta charset="utf-8"><style>${STYLE}</style><main>${body}</main></html>`,
  )
  return 'done'
}

parentPort?.postMessage(await convert().catch((): WordAnswer => 'broken'))
