import { InputError } from '../../server/core/errors.ts'
import { cleanForm, type Form } from '../../server/core/http/forms.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { fold } from '../../server/core/text.ts'
import { contentInput } from '../answers.ts'
import { DEMONSTRATION_LOGINS } from '../content.ts'
import type { SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'

/** What the system begins with: nothing, the ready programme, or the whole demonstration. */
export function contentRoutes(routes: Routes, store: SetupStore): void {
  const show = (context: AnyContext, form: Form) => {
    const options = contentInput.shape.content.options.map((value) => ({
      value,
      label: context.t(`install.content.kind.${value}`),
      hint: context.t(`install.content.hint.${value}`),
    }))
    return stepPage(context, store, 'content', { form, options })
  }

  routes.get('/setup/content', { access: anyone }, (context) =>
    show(context, cleanForm({ content: store.read().content ?? 'programme' })),
  )

  routes.post('/setup/content', { access: anyone, body: contentInput, invalid: show }, ({ body }) => {
    const login = store.read().administrator?.login ?? ''
    if (body.content === 'demonstration' && DEMONSTRATION_LOGINS.includes(fold(login))) {
      throw InputError.of('content', 'install.content.loginTaken', { login })
    }
    store.update({ content: body.content })
    return redirectAfter('content', store)
  })
}
