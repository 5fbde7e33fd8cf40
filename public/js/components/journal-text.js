/**
 * Sentences that the server sent with the page: named variables in double braces, plural forms by suffix
 * (`_one`, `_few`, `_many`, `_other`) chosen by `count`, as in the translation files.
 *
 * @param {Record<string, string>} strings
 * @param {string} language BCP 47 tag
 * @returns {(key: string, variables?: Record<string, string | number>) => string}
 */
export function createText(strings, language) {
  const plural = new Intl.PluralRules(language)
  return (key, variables = {}) => {
    const form = 'count' in variables ? `${key}_${plural.select(Number(variables.count))}` : key
    const sentence = strings[form] ?? strings[`${key}_other`] ?? strings[key] ?? key
    return sentence.replace(/\{\{\s*(\w+)\s*\}\}/gu, (_, name) => String(variables[name] ?? ''))
  }
}
