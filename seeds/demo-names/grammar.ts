export type Gender = 'female' | 'male'

/** The feminine of a masculine surname; surnames that do not change in Russian stay as they are. */
export function surnameFor(masculine: string, gender: Gender): string {
  if (gender === 'male') return masculine
  if (/(?:[оеё]в|[иы]н)$/u.test(masculine)) return `${masculine}а`
  if (/ний$/u.test(masculine)) return masculine.replace(/ий$/u, 'яя')
  if (/(?:[гкх]ий|ый|ой)$/u.test(masculine)) return masculine.replace(/..$/u, 'ая')
  return masculine
}

/** Names whose patronymic no rule gives: stem of both forms, or both forms whole. */
const IRREGULAR: Record<string, [male: string, female: string]> = {
  Илья: ['Ильич', 'Ильинична'],
  Никита: ['Никитич', 'Никитична'],
  Лев: ['Львович', 'Львовна'],
  Павел: ['Павлович', 'Павловна'],
  Пётр: ['Петрович', 'Петровна'],
  Яков: ['Яковлевич', 'Яковлевна'],
  Михаил: ['Михайлович', 'Михайловна'],
  Дмитрий: ['Дмитриевич', 'Дмитриевна'],
}

/** The patronymic of a father's name. */
export function patronymic(father: string, gender: Gender): string {
  const irregular = IRREGULAR[father]
  if (irregular) return irregular[gender === 'male' ? 0 : 1]
  const [stem, suffix] = patronymicStem(father)
  return stem + suffix + (gender === 'male' ? 'ич' : 'на')
}

function patronymicStem(father: string): [stem: string, suffix: string] {
  if (father.endsWith('ий')) return [`${father.slice(0, -2)}ь`, 'ев']
  if (/[йь]$/u.test(father)) return [father.slice(0, -1), 'ев']
  return [father, 'ов']
}

const LATIN: Record<string, string> = {
  ...Object.fromEntries([...'абвгдеёзийклмнопрстуфыэ'].map((letter, i) => [letter, 'abvgdeeziyklmnoprstufye'[i]!])),
  ...{ ж: 'zh', х: 'kh', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ь: '', ю: 'yu', я: 'ya' },
}

/** Latin letters for an address: lower case, letters, digits and hyphens only; every other sign is left out. */
export const transliterate = (text: string): string =>
  [...text.toLowerCase()].map((sign) => LATIN[sign] ?? (/[a-z0-9-]/.test(sign) ? sign : '')).join('')
