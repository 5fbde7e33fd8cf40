import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderMarkdown, slugOf } from '../../core/help/markdown.ts'
import { helpText } from '../../core/help/topics.ts'
import { packageRoot } from '../../core/paths.ts'
import { readableHtml, textOfHtml } from '../../core/rich-text.ts'

/** The guides that come with the system, `docs/<language>/<name>.md`, in the order in which they are offered. */
export const GUIDES = ['learner', 'instructor', 'director', 'administrator', 'installation'] as const
export type Guide = (typeof GUIDES)[number]

const docs = join(packageRoot, 'docs')

/** Links between the files of `docs/` lead to the pages that show them. */
function resolve(file: string, anchor: string): string | undefined {
  const name = /^[a-z]{2}\/([\w-]+)\.md$/.exec(file)?.[1]
  const topic = /^help\/[a-z]{2}\/([\w.-]+)\.md$/.exec(file)?.[1]
  const path = topic ? `/help/topics/${topic}` : GUIDES.includes(name as Guide) ? `/help/guides/${name}` : undefined
  return path && (anchor ? `${path}#${anchor}` : path)
}

/** Wide tables scroll within frames of their own, which the keyboard reaches; each is called by the heading above it. */
function withFrames(html: string, title: string): string {
  let heading = title
  const seen = new Map<string, number>()
  return html.replace(/<h\d[^>]*>(.*?)<\/h\d>|<table>[\s\S]*?<\/table>/g, (part, words?: string) => {
    if (words !== undefined) {
      heading = textOfHtml(words)
      return part
    }
    const count = (seen.get(heading) ?? 0) + 1
    seen.set(heading, count)
    return readableHtml(part, count > 1 ? `${heading}, ${count}` : heading)
  })
}

export type Chapter = { href: string; title: string }
export type Text = { title: string; html: string; chapters: Chapter[] }

const known = new Map<string, Text>()

/** A text is rendered once; while developing, anew each time. */
function once(key: string, make: () => Text): Text {
  const found = known.get(key)
  if (found && process.env.NODE_ENV !== 'development') return found
  const made = make()
  known.set(key, made)
  return made
}

/** A topic's text; undefined if there is no such topic. @param sink how many levels its headings sink */
export function topicText(topic: string, language: string, sink = 0): Text | undefined {
  const found = helpText(topic, language)
  if (!found) return undefined
  return once(`${language}/${topic}/${sink}`, () => ({
    title: found.title,
    html: withFrames(renderMarkdown(found.text, `help/${language}/${topic}.md`, resolve, sink), found.title),
    chapters: [],
  }))
}

/** A guide in this language, or in Russian where the language has none. */
export function guideText(guide: Guide, language: string): Text {
  return once(`${language}/guide/${guide}`, () => {
    const file = existsSync(join(docs, language, `${guide}.md`)) ? `${language}/${guide}.md` : `ru/${guide}.md`
    const [heading = '', ...rest] = readFileSync(join(docs, file), 'utf8').split('\n')
    const title = heading.replace(/^#\s*/, '')
    return {
      title,
      html: withFrames(renderMarkdown(rest.join('\n'), file, resolve), title),
      chapters: rest.flatMap((line) => {
        const title = /^## (.+)$/.exec(line)?.[1]
        return title ? [{ href: `#${slugOf(title)}`, title }] : []
      }),
    }
  })
}
