import type { Form } from '../../core/http/forms.ts'
import type { Translate } from '../../core/i18n/index.ts'
import type { Setting } from '../../core/settings.ts'
import { AUDIENCES, type Audience, visibilitySwitches } from '../../core/visibility.ts'
import type { Cohort } from './queries.ts'
import { fieldOf } from './service.ts'

type Visibility = Setting<'visibility'>

const of = (audience: Audience) => visibilitySwitches().filter(([, declared]) => declared.audience === audience)

const isShownNow = ({ shown }: Visibility, key: string, initially: boolean) => shown[key] ?? initially

/** Per audience the keys that are shown, as the form of the whole system has them. */
export const systemValues = (now: Visibility): Record<Audience, string[]> =>
  Object.fromEntries(
    AUDIENCES.map((audience) => [
      audience,
      of(audience).flatMap(([key, { shown }]) => (isShownNow(now, key, shown) ? [key] : [])),
    ]),
  ) as Record<Audience, string[]>

/** What a cohort has of its own, by the name of the field: `same`, `shown` or `hidden`. */
export const cohortValues = (now: Visibility, cohortId: number): Record<string, string> =>
  Object.fromEntries(
    visibilitySwitches().map(([key]) => {
      const own = now.cohorts[cohortId]?.[key]
      return [fieldOf(key), own === undefined ? 'same' : own ? 'shown' : 'hidden']
    }),
  )

const label = (t: Translate, key: string) => ({ label: t(key), hint: t(`${key}Hint`) })

export const presentAll = (t: Translate, now: Visibility, cohorts: Cohort[], form: Form) => ({
  form,
  audiences: AUDIENCES.map((audience) => ({
    name: audience,
    label: t(`visibility.audience.${audience}`),
    options: of(audience).map(([key]) => ({ value: key, ...label(t, key) })),
  })),
  cohorts: cohorts.map(({ id, title }) => {
    const count = Object.keys(now.cohorts[id] ?? {}).length
    return {
      href: `/visibility/cohorts/${id}`,
      title,
      text: count ? t('visibility.cohorts.own', { count }) : t('visibility.cohorts.same'),
    }
  }),
})

export const presentCohort = (t: Translate, now: Visibility, cohort: Cohort, form: Form) => ({
  form,
  action: `/visibility/cohorts/${cohort.id}`,
  audiences: AUDIENCES.map((audience) => ({
    label: t(`visibility.audience.${audience}`),
    fields: of(audience).map(([key, { shown }]) => ({
      name: `choice[${fieldOf(key)}]`,
      ...label(t, key),
      options: [
        {
          value: 'same',
          label: t(isShownNow(now, key, shown) ? 'visibility.choice.sameShown' : 'visibility.choice.sameHidden'),
        },
        { value: 'shown', label: t('visibility.choice.shown') },
        { value: 'hidden', label: t('visibility.choice.hidden') },
      ],
    })),
  })),
})
