import { afterCommit, db, fromJson, withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { type Choices, dueAt, readChoices, withChoice, writeChoices } from '../../core/notices/choices.ts'
import { CHANNELS, countUnread, type NoticeData, type NoticeKind, tellUnread } from '../../core/notices/index.ts'
import { noticeKind, noticeKinds } from '../../core/notices/kinds.ts'
import { openChannels } from '../../core/notices/outlets.ts'
import { type Actor, NOBODY } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import type { Translated } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import type { ChoicesInput } from './input.ts'
import { lockPreferences, type NoticeRow, selectNotice, selectSubscription } from './queries.ts'

const READ = () => ({ state: 'read', read_at: nowUtc() })

/** Counts anew, and the other pages that the person has open hear of it. */
async function recount(personId: number): Promise<void> {
  await countUnread([personId])
  const { unread_notices: unread } = await db()('people').where({ id: personId }).first('unread_notices')
  afterCommit(() => tellUnread(personId, unread))
}

/**
 * What of each notice its reader may still see: who lost the right to people since does not read of them in old notices.
 * At most one question for each kind.
 */
export async function reviewNotices(
  actor: Actor,
  rows: readonly NoticeRow[],
): Promise<ReadonlyMap<number, NoticeData | null>> {
  const seen = new Map<number, NoticeData | null>(rows.map((row) => [row.id, fromJson<NoticeData>(row.data, {})]))
  for (const name of new Set(rows.map((row) => row.kind))) {
    const review = noticeKind(name)?.review
    if (!review) continue
    const own = rows.filter((row) => row.kind === name)
    const asked = own.map((row) => ({
      subject: { type: row.subject_type, id: row.subject_id },
      data: fromJson<NoticeData>(row.data, {}),
    }))
    const left = await review(actor.personId as number, asked)
    for (const [at, row] of own.entries()) seen.set(row.id, left[at] ?? null)
  }
  return seen
}

/** Marks one of one's own notices as read. @returns the page that it leads to, if it may still be seen */
export async function readNotice(actor: Actor, id: number): Promise<string> {
  return withTransaction(async () => {
    const notice = await selectNotice(actor, id)
    if (await db()('notices').where({ id, state: 'unread' }).update(READ())) await recount(actor.personId as number)
    return (await reviewNotices(actor, [notice])).get(id) ? notice.href : '/notices'
  })
}

/** Marks all as read that had come when the page was made. */
export async function readAll(actor: Actor, upTo: number): Promise<void> {
  const personId = actor.personId as number
  await withTransaction(async () => {
    await db()('notices').where({ person_id: personId, state: 'unread' }).where('id', '<=', upTo).update(READ())
    await recount(personId)
  })
}

/** The kinds of notices that may ever concern this person. */
export const kindsFor = (actor: Actor): [string, NoticeKind][] =>
  noticeKinds().filter(([, kind]) => kind.concerns?.(actor) ?? true)

/** How one wants to be told from now on; what waits to leave follows it. */
export async function chooseNotices(actor: Actor, input: ChoicesInput): Promise<void> {
  const id = actor.personId as number
  const channels = await openChannels()
  await withTransaction(async () => {
    const before = readChoices(await lockPreferences(id))
    let after: Choices = {
      ...before,
      digestHour: input.letters === 'daily' ? input.digestHour : null,
      quiet: input.quietFrom && input.quietUntil ? { from: input.quietFrom, until: input.quietUntil } : null,
    }
    for (const [name, kind] of kindsFor(actor)) {
      for (const channel of channels) {
        after = withChoice(after, name, kind, channel, input.choices.includes(`${name}:${channel}`))
      }
    }
    await saveChoices(actor, id, before, after)
    const zone = actor.timeZone ?? (await setting('authority')).timeZone
    for (const channel of channels) {
      const due = dueAt(after, zone, channel)
      await db()('notice_deliveries')
        .where({ person_id: id, channel, state: 'waiting', attempts: 0 })
        .update({ is_digest: due.isDigest ? 1 : 0, next_attempt_at: due.at })
    }
  })
}

/** @throws NotFoundError where the authority does not let browsers show notices */
export async function demandPush(): Promise<void> {
  if (!(await setting('push')).enabled) throw new NotFoundError()
}

async function saveChoices(actor: Actor, id: number, before: Choices, after: Choices): Promise<void> {
  const preferences = writeChoices(await lockPreferences(id), after)
  await db()('people').where({ id }).update({ preferences, updated_at: nowUtc() })
  const data = { before: inWords(before), after: inWords(after) }
  await recordEvent(actor, 'noticeChoicesChanged', { type: 'person', id }, data)
}

/** Choices as the audit trail tells of them: kinds and channels by their labels, in every language. */
const inWords = (choices: Choices) => ({ ...choices, off: choices.off.map(labelOf), on: choices.on.map(labelOf) })

function labelOf(key: string): Translated {
  const [name, channel] = key.split(':') as [string, string]
  const say = (language: string) => {
    const t = translator(language)
    const kind = noticeKind(name)
    return t('notices.choices.box', {
      kind: kind ? t(`${kind.texts}.label`) : name,
      channel: t(`notices.channel.${channel}`),
    })
  }
  return Object.fromEntries(LANGUAGES.map((language) => [language, say(language)]))
}

/**
 * For whoever holds a letter's token: stops letters of its kind, all letters, or everything that leaves the system. The
 * notices in the system stay.
 */
export async function unsubscribe(token: string, what: 'kind' | 'all' | 'everything'): Promise<void> {
  const channels = what === 'everything' ? CHANNELS.filter((channel) => channel !== 'app') : (['email'] as const)
  await withTransaction(async () => {
    const { person_id: id, kind: name } = await selectSubscription(token)
    const before = readChoices(await lockPreferences(id))
    let after = before
    for (const [one, kind] of noticeKinds()) {
      if (what === 'kind' && one !== name) continue
      for (const channel of channels) after = withChoice(after, one, kind, channel, false)
    }
    await saveChoices(NOBODY, id, before, after)
  })
}
