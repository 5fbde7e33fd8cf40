export type Fields = Record<string, string | string[]>

const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'", '&amp;': '&' }
const plain = (text: string) => text.replace(/&(?:lt|gt|amp|#34|#39);/g, (sign) => ENTITIES[sign] as string)
const attribute = (tag: string, name: string) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)
  return found ? plain(found[1] as string) : undefined
}

/** What a browser would send of the form with this action, if nobody touched it. @param has a field that it has */
export function fieldsOf(html: string, action: string, has = 'version'): Fields {
  const form = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)]
    .map(([text]) => text)
    .find((text) => attribute(text.slice(0, text.indexOf('>')), 'action') === action && text.includes(`name="${has}"`))
  if (!form) throw new Error(`no form for ${action}`)
  const fields: Fields = {}
  const add = (name: string, value: string) => {
    fields[name] = name in fields ? [fields[name] as string, value].flat() : value
  }
  const parts = /<input\b[^>]*>|<textarea\b[^>]*>([\s\S]*?)<\/textarea>|<select\b[^>]*>([\s\S]*?)<\/select>/g
  for (const [tag, text, options] of form.matchAll(parts)) {
    const head = tag.slice(0, tag.indexOf('>') + 1)
    const name = attribute(head, 'name')
    if (!name || name === '_csrf') continue
    if (text !== undefined) add(name, plain(text.replace(/^\r?\n/, '')))
    else if (options !== undefined) {
      const all = options.match(/<option\b[^>]*>/g) ?? []
      add(name, attribute(all.find((option) => / selected/.test(option)) ?? all[0] ?? '', 'value') ?? '')
    } else if (!/type="(checkbox|radio)"/.test(head) || / checked/.test(head)) add(name, attribute(head, 'value') ?? '')
  }
  return fields
}
