import { db } from '../../../core/db/index.ts'
import type { Translated } from '../../../core/text.ts'

const LONGEST = 64

/** The code itself if no programme has it, else the code with the first free number: `young-teachers-2`. */
export async function freeCode(wanted: string): Promise<string> {
  const stem = wanted.slice(0, LONGEST - 5)
  const rows: { code: string }[] = await db()('programmes')
    // An underscore in the stem matches any sign: a few codes too many do no harm.
    .where('code', 'like', `${stem}%`)
    .select('code')
  const taken = new Set(rows.map((row) => row.code.toLowerCase()))
  if (!taken.has(wanted.toLowerCase())) return wanted
  for (let number = 2; ; number++) {
    const code = `${stem}-${number}`
    if (!taken.has(code.toLowerCase())) return code
  }
}

const LATIN: Record<string, string> = {
  ...{
    а: 'a',
    б: 'b',
    в: 'v',
    г: 'g',
    д: 'd',
    е: 'e',
    ё: 'e',
    ж: 'zh',
    з: 'z',
    и: 'i',
    й: 'y',
    к: 'k',
    л: 'l',
    м: 'm',
  },
  ...{ н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'shch' },
  ...{ ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya' },
}

/** A code for a title, e.g. `pervye-shagi-v-professii`. */
export function codeFromTitle(title: Translated): string {
  const words = (title.en ?? Object.values(title)[0] ?? '').toLowerCase()
  const latin = [...words].map((sign) => LATIN[sign] ?? sign).join('')
  const code = latin
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '')
  return code || 'programme'
}
