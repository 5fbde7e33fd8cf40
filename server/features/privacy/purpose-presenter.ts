import type { AnyContext } from '../../core/http/route.ts'
import { pick } from '../../core/text.ts'
import type { ConsentText, Purpose } from './purpose-queries.ts'

const paragraphs = (text: string): string[] => text.split(/\n\s*\n/).filter((part) => part.trim())

const factsOf = ({ t, lang }: AnyContext, purpose: Purpose) =>
  [
    {
      label: t('privacy.purposes.basis'),
      value: { text: t(`privacy.basis.${purpose.legal_basis}`), hint: pick(purpose.basis_note, lang) },
    },
    { label: t('privacy.purposes.dataCategories'), value: pick(purpose.data_categories, lang) },
    { label: t('privacy.purposes.peopleCategories'), value: pick(purpose.people_categories, lang) },
    { label: t('privacy.purposes.recipients'), value: pick(purpose.recipients, lang) || t('privacy.policy.nobody') },
    { label: t('privacy.purposes.retention'), value: pick(purpose.retention, lang) },
  ].filter(({ value }) => value)

/** The list of purposes as everybody reads it. */
export const presentPolicy = (context: AnyContext, purposes: Purpose[]) => ({
  purposes: purposes
    .filter(({ state }) => state === 'active')
    .map((purpose) => ({
      title: pick(purpose.title, context.lang),
      paragraphs: paragraphs(pick(purpose.description, context.lang)),
      facts: factsOf(context, purpose),
      textHref: purpose.text_id && purpose.legal_basis === 'consent' ? `/personal-data/texts/${purpose.text_id}` : null,
    })),
})

/** A published text. */
export const presentText = ({ t, lang, format }: AnyContext, text: ConsentText) => ({
  paragraphs: paragraphs(pick(text.text, lang)),
  version: t('privacy.text.version', { number: text.number, date: format.date(format.civil(text.published_at)) }),
})

/** A text that waits for an answer. */
export const presentAsked = (context: AnyContext, purpose: Purpose) => ({
  id: Number(purpose.text_id),
  title: pick(purpose.published_title ?? purpose.title, context.lang),
  paragraphs: paragraphs(pick(purpose.published_text ?? {}, context.lang)),
  facts: factsOf(context, purpose),
  isCompulsory: purpose.demands,
  version: context.t('privacy.text.version', {
    number: purpose.text_number,
    date: context.format.date(context.format.civil(purpose.published_at ?? '')),
  }),
  href: `/personal-data/texts/${purpose.text_id}`,
})

export const presentPurposes = (
  { t, lang, format }: AnyContext,
  purposes: Purpose[],
  counts: Map<number, Record<string, number>>,
) => ({
  rows: purposes.map((purpose) => {
    const isConsent = purpose.legal_basis === 'consent'
    const count = counts.get(purpose.id) ?? {}
    return {
      href: `/purposes/${purpose.id}`,
      title: pick(purpose.title, lang),
      isClosed: purpose.state === 'closed',
      basis: t(`privacy.basis.${purpose.legal_basis}`),
      kind: isConsent ? t(purpose.is_compulsory ? 'privacy.purposes.compulsory' : 'privacy.purposes.optional') : '',
      published: purpose.published_at
        ? t('privacy.text.version', {
            number: purpose.text_number,
            date: format.date(format.civil(purpose.published_at)),
          })
        : isConsent
          ? t('privacy.purposes.unpublished')
          : '',
      given:
        isConsent && purpose.text_id
          ? { text: format.number(count.given ?? 0), href: registerHref(purpose.id, 'given') }
          : '',
      withdrawn:
        isConsent && purpose.text_id
          ? { text: format.number(count.withdrawn ?? 0), href: registerHref(purpose.id, 'withdrawn') }
          : '',
    }
  }),
})

const registerHref = (id: number, action: string) => `/consents/register?purposeId=${id}&action=${action}`

/** What stands below the form of a purpose: its versions, and what can be done with it. */
export const presentVersions = ({ t, format }: AnyContext, purpose: Purpose, texts: ConsentText[]) => ({
  address: `/purposes/${purpose.id}`,
  version: purpose.version,
  isClosed: purpose.state === 'closed',
  isConsent: purpose.legal_basis === 'consent',
  texts: texts.map((text) => ({
    href: `/personal-data/texts/${text.id}`,
    label: t('privacy.text.version', { number: text.number, date: format.date(format.civil(text.published_at)) }),
    note: t(text.is_compulsory ? 'privacy.purposes.compulsory' : 'privacy.purposes.optional'),
  })),
})
