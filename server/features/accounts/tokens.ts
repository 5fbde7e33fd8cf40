import { createHash, randomBytes, randomInt } from 'node:crypto'
import { db, insertRows, toJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { deleteSome } from '../../core/housekeeping/index.ts'
import { daysAgo, inSeconds, nowUtc } from '../../core/time.ts'

/** What a token lets one do, once: choose the first password, a new one, or confirm an e-mail address. */
export type Purpose = 'invitation' | 'reset' | 'email'

/** What opens an account; a confirmed address alone does not. */
export const PASSWORD_PURPOSES: readonly Purpose[] = ['invitation', 'reset']

// A code is carried to its owner on foot.
const RESET_ON_PAPER_SECONDS = 3 * 86_400

const LIFETIME_SECONDS: Record<Purpose, number> = { invitation: 30 * 86_400, reset: 2 * 3600, email: 3 * 86_400 }

// No 0/O, 1/I: read from paper and typed by hand.
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** A code for paper, in parts of four signs (20 bits each): `ABCD-EFGH-JKLM`. */
export const paperCode = (parts = 3): string =>
  Array.from({ length: parts }, () =>
    Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-')

/** Paper codes are forgiven spaces, dashes and case; tokens of links are taken as they are. */
const normalise = (text: string) => {
  const code = text.replace(/[\s-]/g, '').toUpperCase()
  return code.length === 12 ? code : text.trim()
}

const hashToken = (text: string): string => createHash('sha256').update(normalise(text)).digest('hex')

/** Makes a token for each person, replacing earlier ones of the same purpose. The database keeps hashes only. */
export async function issueTokens(
  purpose: Purpose,
  personIds: readonly number[],
  options: { onPaper?: boolean; createdBy: number | null; data?: Record<string, unknown> },
): Promise<Map<number, string>> {
  const tokens = new Map(
    personIds.map((id) => [id, options.onPaper ? paperCode() : randomBytes(24).toString('base64url')]),
  )
  const now = nowUtc()
  await db()('account_tokens')
    .where({ purpose })
    .whereNull('used_at')
    .whereIn('person_id', [...personIds])
    .update({ used_at: now })
  const common = {
    purpose,
    expires_at: inSeconds(options.onPaper && purpose === 'reset' ? RESET_ON_PAPER_SECONDS : LIFETIME_SECONDS[purpose]),
    created_by: options.createdBy,
    data: options.data ? toJson(options.data) : null,
    created_at: now,
  }
  await insertRows(
    'account_tokens',
    [...tokens].map(([person_id, token]) => ({ ...common, person_id, token_hash: hashToken(token) })),
  )
  return tokens
}

export type TokenRow = { id: number; person_id: number; purpose: Purpose; data: string | null }

/**
 * The token that was sent, if it can still be used for one of these purposes.
 * @throws NotFoundError with words about links that grow old
 */
export async function selectToken(text: string, purposes: readonly Purpose[]): Promise<TokenRow> {
  const row = await db()('account_tokens')
    .where({ token_hash: hashToken(text) })
    .whereIn('purpose', [...purposes])
    .whereNull('used_at')
    .where('expires_at', '>', nowUtc())
    .first('id', 'person_id', 'purpose', 'data')
  if (!row) throw new NotFoundError('accounts.token.old')
  return row
}

/** Uses a token up. @throws NotFoundError if somebody was quicker */
export async function useToken(id: number): Promise<void> {
  const used = await db()('account_tokens').where({ id }).whereNull('used_at').update({ used_at: nowUtc() })
  if (!used) throw new NotFoundError('accounts.token.old')
}

/** Makes every link and code of these people void: they have a password now, or their address was not theirs. */
export const voidTokens = async (personIds: readonly number[]): Promise<void> => {
  await db()('account_tokens')
    .whereNull('used_at')
    .whereIn('person_id', [...personIds])
    .update({ used_at: nowUtc() })
}

/** When the newest token of a purpose was made: letters are not sent again and again. */
export const lastTokenAt = async (personId: number, purpose: Purpose): Promise<string | undefined> =>
  (await db()('account_tokens').where({ person_id: personId, purpose }).orderBy('id', 'desc').first('created_at'))
    ?.created_at

/** For the housekeeping: tokens that have let nobody in for a day. */
export const forgetTokens = (most: number): Promise<number> =>
  deleteSome('account_tokens', most, (old) => {
    void old.where('expires_at', '<', daysAgo(1)).orWhere('used_at', '<', daysAgo(1))
  })

export { hashToken }
