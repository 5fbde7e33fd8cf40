import { absoluteUrl } from '../http/base-url.ts'
import type { Letter } from '../mail/index.ts'
import { type NoticeData, noticeKind, sayNotice, type Words } from './kinds.ts'

/** A notice that is about to leave by letter, with its reader. */
export type Outgoing = {
  id: number
  kind: string
  data: NoticeData
  href: string
  token: string
  personId: number
  email: string
  name: string
}

/** What stands under every such letter: where to choose, and how to stop it without signing in. */
async function footer({ t }: Words, token: string) {
  const [choices, unsubscribe] = [await absoluteUrl('/profile/notices'), await absoluteUrl(`/unsubscribe/${token}`)]
  const text = choices && unsubscribe ? `--\n${t('notices.letter.footer', { choices, unsubscribe })}` : ''
  return { text, unsubscribeUrl: unsubscribe }
}

const joined = (paragraphs: readonly string[]) => paragraphs.filter(Boolean).join('\n\n')

/** One notice as a letter. */
export async function letterOf(notice: Outgoing, words: Words): Promise<Letter> {
  const { title, text } = sayNotice(notice.kind, notice.data, words)
  const isLetter = noticeKind(notice.kind)?.isLetter
  const url = await absoluteUrl(notice.href)
  const foot = await footer(words, notice.token)
  return {
    kind: notice.kind,
    to: notice.email,
    personId: notice.personId,
    language: words.language,
    subject: title,
    text: joined([
      isLetter ? '' : words.t('notices.letter.greeting', { name: notice.name }),
      text,
      url && !isLetter ? words.t('notices.letter.link', { url }) : '',
      foot.text,
    ]),
    dedupeKey: `notice-${notice.id}`,
    unsubscribeUrl: foot.unsubscribeUrl,
  }
}

/** All that has come for a person since the last such letter. */
export async function digestOf(notices: readonly [Outgoing, ...Outgoing[]], words: Words): Promise<Letter> {
  const [first] = notices
  const { t } = words
  const items: string[] = []
  for (const [index, notice] of notices.entries()) {
    const { title, text } = sayNotice(notice.kind, notice.data, words)
    const url = await absoluteUrl(notice.href)
    items.push(joined([`${index + 1}. ${title}`, text, url ? t('notices.letter.link', { url }) : '']))
  }
  const foot = await footer(words, first.token)
  const count = notices.length
  return {
    kind: 'notices.digest',
    to: first.email,
    personId: first.personId,
    language: words.language,
    subject: t('notices.digest.subject', { count }),
    text: joined([t('notices.letter.greeting', { name: first.name }), t('notices.digest.intro'), ...items, foot.text]),
    dedupeKey: `digest-${first.id}`,
    unsubscribeUrl: foot.unsubscribeUrl,
  }
}
