import { db } from '../../core/db/index.ts'
import { beginningWith, fold } from '../../core/text.ts'

const LATIN: Record<string, string> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  е: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  й: 'y',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'kh',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'sch',
  ъ: '',
  ы: 'y',
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
}

/** Cyrillic in Latin letters, for logins: "Жукова" → "zhukova". */
export const transliterate = (text: string): string =>
  [...fold(text)]
    .map((letter) => LATIN[letter] ?? letter)
    .join('')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')

type Named = { id: number; last_name: string; first_name: string; middle_name: string | null }

/** "petrova.ai": the last name and initials, short enough to read aloud. */
const wish = (person: Named): string => {
  const initials = [person.first_name, person.middle_name].map((name) => transliterate(name ?? '')[0] ?? '').join('')
  return [transliterate(person.last_name) || 'user', initials].filter(Boolean).join('.').slice(0, 60)
}

/** A free login for each person; equal names are numbered. Three queries whatever their number. */
export async function freeLogins(people: readonly Named[]): Promise<Map<number, string>> {
  const wishes = new Map(people.map((person) => [person.id, wish(person)]))
  const taken = new Set<string>()
  const stems = [...new Set(wishes.values())]
  for (let at = 0; at < stems.length; at += 300) {
    const piece = stems.slice(at, at + 300)
    const rows = await db()('accounts')
      .where((either) => {
        for (const stem of piece) void either.orWhereBetween('login_folded', beginningWith(stem))
      })
      .select('login_folded')
    for (const row of rows) taken.add(row.login_folded)
  }
  const logins = new Map<number, string>()
  for (const [id, stem] of wishes) {
    let login = stem
    for (let number = 2; taken.has(login); number++) login = `${stem}${number}`
    taken.add(login)
    logins.set(id, login)
  }
  return logins
}
