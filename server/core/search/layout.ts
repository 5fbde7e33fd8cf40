const LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
const CYRILLIC = 'ёйцукенгшщзхъфывапролджэячсмитьбю'
const SHIFTED = '~{}:"<>'
const SHIFTED_CYRILLIC = 'ёхъжэбю'

const toCyrillic = new Map(
  [...LATIN, ...SHIFTED].map((sign, at) => [sign, [...CYRILLIC, ...SHIFTED_CYRILLIC][at] as string]),
)
const toLatin = new Map([...CYRILLIC].map((sign, at) => [sign, [...LATIN][at] as string]))

/**
 * What the same keys write on the other keyboard: `ghbrfp` → `приказ`, `еуые` → `test`. On the Russian one letters stand
 * where the Latin one has signs: `[jh` → `хор`.
 * @returns undefined for what holds letters of both, or none
 */
export function otherLayout(text: string): string | undefined {
  const lower = text.toLowerCase()
  const isLatin = /[a-z]/.test(lower)
  const isCyrillic = /[а-яё]/.test(lower)
  if (isLatin === isCyrillic) return undefined
  const signs = isLatin ? toCyrillic : toLatin
  return [...lower].map((sign) => signs.get(sign) ?? sign).join('')
}
