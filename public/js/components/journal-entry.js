/**
 * Reads and prints the text of a journal cell by the table that the server sends with the page, so that the browser
 * accepts exactly what the server accepts (a test compares the two on generated input).
 *
 * @typedef {{ attendance: string, mark: number | null }} Value
 * @typedef {{ attendance: Record<string, string>, mark: Record<string, number> }} EntryTable
 */

/** Sign of a lesson that is not expected of a learner: printed, never typed, passed over when pasted. */
export const NOT_EXPECTED_SIGN = '—'

const WITH_MARK = new Set(['present', 'late'])

function normalise(text) {
  const folded = text.normalize('NFC').toLowerCase().replaceAll('ё', 'е').replace(/\s+/gu, '')
  return folded.length > 1 ? folded.replaceAll('/', '') : folded
}

const lookUp = (table, sign) => (Object.hasOwn(table, sign) ? table[sign] : undefined)

/**
 * @param {EntryTable} table
 * @returns {(text: string) => ({ ok: true } & Value) | { ok: false, reason: string }}
 */
export function createReader(table) {
  return (text) => {
    const sign = normalise(text)
    if (sign === '') return { ok: true, attendance: '', mark: null }
    const attendance = lookUp(table.attendance, sign)
    if (attendance) return { ok: true, attendance, mark: null }
    const mark = lookUp(table.mark, sign)
    if (mark !== undefined) return { ok: true, attendance: 'present', mark }
    return readPair(sign, table) ?? { ok: false, reason: /^\d+$/u.test(sign) ? 'markRange' : 'unknown' }
  }
}

function readPair(sign, table) {
  for (let cut = 1; cut < sign.length; cut++) {
    const [left, right] = [sign.slice(0, cut), sign.slice(cut)]
    const attendance = lookUp(table.attendance, left) ?? lookUp(table.attendance, right)
    const mark = lookUp(table.mark, right) ?? lookUp(table.mark, left)
    if (!attendance || mark === undefined) continue
    return WITH_MARK.has(attendance) ? { ok: true, attendance, mark } : { ok: false, reason: 'markWithoutPresence' }
  }
  return undefined
}

/**
 * @param {Record<string, string>} codes the signs of the page's language
 * @returns {(value: Value) => string}
 */
export function createPrinter(codes) {
  return ({ attendance, mark }) => {
    const sign = attendance === '' ? '' : codes[attendance]
    if (mark === null) return sign
    const text = mark === 1 ? codes.passed : mark === 0 ? codes.notPassed : String(mark)
    return attendance === 'late' ? sign + text : text
  }
}
