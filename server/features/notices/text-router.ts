import { cleanForm, type Form, formAsTyped, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { LANGUAGES, languageLabel, translator } from '../../core/i18n/index.ts'
import { defaultTexts, fill, type NoticeKind, sayWith } from '../../core/notices/kinds.ts'
import { setting } from '../../core/settings.ts'
import { type TextInput, textInput, textParams } from './input.ts'
import {
  changeTexts,
  checkTexts,
  editableTexts,
  resetTexts,
  selectWorded,
  variablesOf,
  wordedKinds,
} from './text-service.ts'

const access = mayEverywhere('notices.texts')

/** What the system says, in the administrator's own words. */
export function textRoutes(routes: Routes): void {
  routes.get('/notice-texts', { access }, showKinds)
  routes.get('/notice-texts/:kind', { access, params: textParams }, (context) => showKind(context))
  routes.post(
    '/notice-texts/:kind',
    {
      access,
      params: textParams,
      body: textInput,
      invalid: (context, form) => showKind(context, form),
      stale: async (context, form) => showKind(context, formOverNewer(form, await valuesOf(context.params.kind))),
    },
    async (context) => {
      const { actor, params, body, req } = context
      if (body.preview) {
        checkTexts(selectWorded(params.kind), body)
        return showKind(context, formAsTyped(req.body), body)
      }
      await changeTexts(actor, params.kind, body)
      return redirect(`/notice-texts/${params.kind}`, 'notices.texts.saved')
    },
  )
  routes.post('/notice-texts/:kind/reset', { access, params: textParams }, async ({ actor, params }) => {
    await resetTexts(actor, params.kind)
    return redirect(`/notice-texts/${params.kind}`, 'notices.texts.wasReset')
  })
}

const isChanged = (own: { texts: object } | undefined) => own !== undefined && Object.keys(own.texts).length > 0
const valuesOf = async (name: string) => editableTexts(selectWorded(name), (await setting('noticeTexts'))[name])

async function showKinds({ t, lang }: AnyContext): Promise<Reply> {
  const all = await setting('noticeTexts')
  const kinds = wordedKinds().map(([name, kind]) => ({
    href: `/notice-texts/${name}`,
    label: t(`${kind.texts}.label`),
    title: all[name]?.texts[lang]?.title ?? defaultTexts(kind, lang).title,
    isChanged: isChanged(all[name]),
  }))
  return page('notices/texts', { kinds }, { title: t('notices.texts.title') })
}

/** An example of what stands for a name in the texts. */
const exampleOf = (name: string, language: string) => translator(language)(`notices.example.${name}`)

/** The letter that would come of these texts, in each language. */
function preview(kind: NoticeKind, texts: Pick<TextInput, 'title' | 'text'>, languages: readonly string[]) {
  return languages.map((language) => {
    const t = translator(language)
    const names = variablesOf(kind)
    const values = Object.fromEntries(names.map((name) => [name, exampleOf(name, language)]))
    const said = sayWith(
      (filling) => fill(texts.title[language] ?? '', filling),
      (filling) => fill((texts.text[language] ?? '').replace(/\r\n?/g, '\n'), filling),
      values,
    )
    return {
      language,
      label: languageLabel(language),
      subject: t('notices.texts.subject', { subject: said.title }),
      body: [t('notices.letter.greeting', { name: exampleOf('name', language) }), said.text].join('\n\n'),
    }
  })
}

async function showKind(context: AnyContext, typed?: Form, tried?: TextInput): Promise<Reply> {
  const { params, t, lang } = context
  const kind = selectWorded(params.kind)
  const [values, all, authority] = [
    await valuesOf(params.kind),
    await setting('noticeTexts'),
    await setting('authority'),
  ]
  const languages = LANGUAGES.filter((language) => authority.languages.includes(language))
  const model = {
    form: typed ?? cleanForm(values),
    action: `/notice-texts/${params.kind}`,
    isChanged: isChanged(all[params.kind]),
    variables: variablesOf(kind).map((name) => ({ name: `{{${name}}}`, example: exampleOf(name, lang) })),
    // What cannot be sent is not shown either.
    previews: typed && !tried ? [] : preview(kind, tried ?? values, languages),
  }
  return page('notices/text', model, {
    title: t('notices.texts.editTitle', { kind: t(`${kind.texts}.label`) }),
    styles: ['notices.css'],
    breadcrumbs: [{ href: '/notice-texts', label: t('notices.texts.title') }],
  })
}
