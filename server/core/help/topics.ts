import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LANGUAGES } from '../i18n/index.ts'
import { packageRoot } from '../paths.ts'

/**
 * Help lies in `docs/help/<language>/<topic>.md`. A topic is named after the address of its page: the words of the route
 * joined by dots, each parameter as `one` (`/cohorts/:id/people` is `cohorts.one.people`). A page without a topic of its own
 * has that of the nearest page above it, so a family of pages shares one text. A file may begin with
 * `<!-- also: modules.one -->`: what else it is the help of.
 */
const folder = join(packageRoot, 'docs', 'help')
const LANGUAGE = LANGUAGES[0] as string
const ALSO = /^<!--\s*also:\s*(.+?)\s*-->\s*/

const keeps = process.env.NODE_ENV !== 'development'

export type HelpText = { title: string; text: string; also: string[] }

const texts = new Map<string, HelpText>()

/** A topic's title and text in a language, or in the first one; undefined if there is no such topic. */
export function helpText(topic: string, language: string): HelpText | undefined {
  if (!/^[\w.-]+$/.test(topic)) return undefined
  const key = `${language}/${topic}`
  const known = keeps ? texts.get(key) : undefined
  if (known) return known
  const file = join(folder, `${key}.md`)
  if (!existsSync(file)) return language === LANGUAGE ? undefined : helpText(topic, LANGUAGE)
  const source = readFileSync(file, 'utf8')
  const also = ALSO.exec(source)?.[1]?.split(/[\s,]+/) ?? []
  const [heading = '', ...rest] = source.replace(ALSO, '').split('\n')
  const made = { title: heading.replace(/^#\s*/, ''), text: rest.join('\n').trim(), also }
  texts.set(key, made)
  return made
}

/** The topics that a language has. */
export const helpTopics = (language: string): string[] =>
  readdirSync(join(folder, language))
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -3))
    .sort()

let byAddress: Map<string, string> | undefined

/** Every name under which a page finds its topic. */
function names(): Map<string, string> {
  if (byAddress && keeps) return byAddress
  const topics = helpTopics(LANGUAGE)
  byAddress = new Map(topics.map((topic) => [topic, topic]))
  for (const topic of topics) for (const name of helpText(topic, LANGUAGE)?.also ?? []) byAddress.set(name, topic)
  return byAddress
}

const nameOf = (part: string) => (part.startsWith(':') ? 'one' : part)

/** The topic of a route, such as `/people/:id/edit`; undefined: nobody has written one. */
export function topicOf(path: string): string | undefined {
  const parts = path.split('/').filter(Boolean).map(nameOf)
  for (let length = parts.length; length > 0; length--) {
    const found = names().get(parts.slice(0, length).join('.'))
    if (found) return found
  }
  return undefined
}
