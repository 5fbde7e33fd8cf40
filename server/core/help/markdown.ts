import { posix } from 'node:path'
import { Marked } from 'marked'
import sanitizeHtml from 'sanitize-html'
import { escapeHtml } from '../rich-text.ts'

/** Where a link between the Markdown files of `docs/` leads inside the system; undefined: to nothing that is shown here. */
export type ResolveLink = (file: string, anchor: string) => string | undefined

const TAGS = 'h1 h2 h3 h4 p ul ol li strong em code pre blockquote hr br a table thead tbody tr th td div'.split(' ')

/** The anchor of a heading, as Git servers make it: small letters, spaces as hyphens, no other signs. */
export const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

/** The words of a line of HTML; signs written as entities belong to no anchor. */
const plain = (html: string) => html.replace(/<[^>]+>/g, '').replace(/&#?\w+;/g, '')

/** A link to another file of `docs/` leads to its page here; addresses of pages and of the web stay as they are. */
function hrefOf(href: string, file: string, resolve: ResolveLink): string | undefined {
  if (/^(https?:\/\/|\/(?!\/)|#)/i.test(href)) return href
  const [path = '', anchor = ''] = href.split('#', 2)
  if (!path.endsWith('.md')) return undefined
  return resolve(posix.normalize(posix.join(posix.dirname(file), path)), decodeURIComponent(anchor))
}

/**
 * Renders a Markdown file of ours as HTML of a small vocabulary. Headings get anchors and sink by `sink` levels.
 * @param file its path inside `docs/`, from which relative links are counted
 */
export function renderMarkdown(text: string, file: string, resolve: ResolveLink, sink = 0): string {
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens)
        const level = Math.min(4, depth + sink)
        return `<h${level} id="${slugOf(plain(html))}">${html}</h${level}>\n`
      },
      // The keyboard reaches what scrolls.
      code: ({ text: code }) => `<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>\n`,
      image: ({ text: alt }) => escapeHtml(alt),
      html: () => '',
    },
  })
  return sanitizeHtml(marked.parse(text, { async: false }), {
    allowedTags: TAGS,
    allowedAttributes: { a: ['href', 'rel'], '*': ['id'], pre: ['tabindex'] },
    allowedSchemes: ['http', 'https'],
    transformTags: {
      a: (tagName, { href = '' }) => {
        const to = hrefOf(href, file, resolve)
        const attribs: Record<string, string> = to ? { href: to } : {}
        if (to?.startsWith('http')) attribs.rel = 'noopener noreferrer'
        return { tagName, attribs }
      },
    },
  })
}
