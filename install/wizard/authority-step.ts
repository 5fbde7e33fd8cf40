import { cleanForm, type Form } from '../../server/core/http/forms.ts'
import { json } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { LANGUAGES, languageLabel } from '../../server/core/i18n/index.ts'
import { authorityInput } from '../answers.ts'
import { guessTimeZone, listTimeZones } from '../guesses.ts'
import type { SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'

/** The authority's name, its languages and its time zone. */
export function authorityRoutes(routes: Routes, store: SetupStore): void {
  const show = (context: AnyContext, form: Form) => {
    const { t, lang } = context
    const languages = LANGUAGES.map((code) => ({ value: code, label: languageLabel(code) }))
    const groups = { russia: t('install.authority.zonesRussia'), world: t('install.authority.zonesWorld') }
    const model = { form, languages, zones: listTimeZones(lang, groups), guessZone: !store.read().authority }
    return stepPage(context, store, 'authority', model)
  }

  routes.get('/setup/authority', { access: anyone }, (context) => {
    const guess = { name: '', language: context.lang, languages: [...LANGUAGES], timeZone: guessTimeZone() }
    return show(context, cleanForm(store.read().authority ?? guess))
  })

  routes.post('/setup/authority/check', { access: anyone, body: authorityInput }, () => json({ notice: null }))

  routes.post('/setup/authority', { access: anyone, body: authorityInput, invalid: show }, ({ body }) => {
    store.update({ authority: body })
    return redirectAfter('authority', store)
  })
}
