import { clean, foldText, hasCyrillic, mixesScripts, saysNothing, toLatinTwins } from './text.ts'
import { PHONE_EXTENSION } from './vocabulary.ts'

export type EmailReading =
  | { kind: 'none' }
  | { kind: 'email'; email: string; several: boolean }
  | { kind: 'malformed'; suggestion: string | null }

const LOCAL_PART = /^[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+)*$/u
const DOMAIN = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]{0,61}\p{L}$/u

/**
 * Reads an e-mail address. Of several in one cell the first counts. A malformed one comes back with a suggestion when
 * the slip is a usual one: "(at)", a comma for a point, stray spaces, Cyrillic letters that look Latin.
 */
export function readEmail(text: string): EmailReading {
  if (saysNothing(text)) return { kind: 'none' }
  const value = clean(text)
    .replace(/^mailto:/i, '')
    .replace(/^<(.*)>$/, '$1')
    .toLowerCase()
  const candidates = value.split(/[;,\s]+/).filter((part) => part !== '')
  const first = candidates[0] ?? ''
  if (candidates.every(isEmail) && candidates.length > 0)
    return { kind: 'email', email: first, several: candidates.length > 1 }
  const repaired = repairEmail(value)
  return { kind: 'malformed', suggestion: isEmail(repaired) ? repaired : null }
}

/** Whether the text is one address in the usual form; letters of one script in each part. */
export function isEmail(value: string): boolean {
  if (value.length > 191) return false
  const at = value.lastIndexOf('@')
  const local = value.slice(0, at)
  const domain = value.slice(at + 1)
  if (at < 1 || local.length > 64 || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return false
  if (mixesScripts(local) || mixesScripts(domain)) return false
  return !hasCyrillic(local) || hasCyrillic(domain)
}

function repairEmail(value: string): string {
  const spelled = value
    .replace(/\s*[([{<]\s*(?:at|собака|@)\s*[)\]}>]\s*/, '@')
    .replace(/\s+(?:at|собака)\s+/, '@')
    .replace(/\s*[([{<]\s*(?:dot|точка)\s*[)\]}>]\s*/g, '.')
    .replace(/\s+/g, '')
    .replace(/@{2,}/g, '@')
    .replace(/[,;]/g, '.')
    .replace(/\.{2,}/g, '.')
    .replace(/\.@|@\./, '@')
    .replace(/^[.<"']+|[.>"']+$/g, '')
  return isEmail(spelled) ? spelled : toLatinTwins(spelled)
}

export type PhoneReading = { kind: 'none' } | { kind: 'phone'; phone: string } | { kind: 'doubtful' }

const PHONE_LENGTH = 64

/**
 * Reads a phone. One Russian number becomes "+7 921 555-01-10", with its extension as written; several numbers and
 * foreign ones stay as they are; fewer than five digits are doubtful.
 */
export function readPhone(text: string): PhoneReading {
  if (saysNothing(text)) return { kind: 'none' }
  const value = clean(text)
  const extension = PHONE_EXTENSION.exec(value)
  const main = extension ? value.slice(0, extension.index) : value
  const digits = main.replace(/\D/g, '')
  if (digits.length < 5 || digits.length > 40) return { kind: 'doubtful' }
  if (!/^[\d\s()+.,;/\p{Pd}\p{L}]*$/u.test(main)) return { kind: 'doubtful' }
  const national = nationalDigits(main, digits)
  if (!national) return { kind: 'phone', phone: value.slice(0, PHONE_LENGTH) }
  const [code, head, middle, tail] = [
    national.slice(0, 3),
    national.slice(3, 6),
    national.slice(6, 8),
    national.slice(8),
  ]
  const ending = extension ? value.slice(extension.index).replace(/^[,;]?\s*/, ', ') : ''
  return { kind: 'phone', phone: `+7 ${code} ${head}-${middle}-${tail}${ending}`.slice(0, PHONE_LENGTH) }
}

/** The ten digits after +7 or 8; null when the text is not one Russian number. */
function nationalDigits(main: string, digits: string): string | null {
  if (/[;,/\p{L}]/u.test(main)) return null
  const foreign = /^\s*\+(?!7)/.test(main)
  if (foreign) return null
  if (digits.length === 11 && (digits.startsWith('7') || digits.startsWith('8'))) return digits.slice(1)
  if (digits.length === 10 && /^[3-9]/.test(digits)) return digits
  return null
}

/** Digits of a phone for comparison; 8 and +7 are the same country. */
export function phoneKey(phone: string): string {
  const digits = phone.replace(/\D/g, '')
  return digits.length >= 11 && digits.startsWith('8') ? `7${digits.slice(1)}` : digits
}

/** An address of a site as https://…, or null when the text is none. */
export function readWebsite(text: string): string | null {
  const value = foldText(text)
  const withScheme = /^https?:\/\//.test(value) ? value : `https://${value}`
  try {
    const url = new URL(withScheme)
    if (!url.hostname.includes('.') || url.username !== '') return null
    return withScheme.replace(/\/$/, '')
  } catch {
    return null
  }
}
