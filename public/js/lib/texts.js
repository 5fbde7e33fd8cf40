let texts

/**
 * A text of the frame for scripts; the server prints them into <meta name="texts">. A feature's own words stand in data
 * attributes of its components instead.
 * @param {string} key e.g. `http.offline`
 * @param {Record<string, string | number>} [values] for `{{name}}`
 */
export function text(key, values = {}) {
  texts ??= JSON.parse(document.querySelector('meta[name=texts]')?.content || '{}')
  return fill(texts[key] ?? key, values)
}

/** Puts values into the `{{name}}` places of a pattern, e.g. of one from a data attribute. */
export function fill(pattern, values) {
  return String(pattern).replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => String(values[name] ?? ''))
}
