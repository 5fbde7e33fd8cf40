import { InputError } from '../../server/core/errors.ts'
import { cleanForm, type Form, parseInput } from '../../server/core/http/forms.ts'
import { json } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { hashPassword } from '../../server/features/accounts/passwords.ts'
import { administratorInput, administratorInputAgain } from '../answers.ts'
import type { RememberedAdministrator, SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'

/** The first administrator. The password is kept as its hash only. */
export function administratorRoutes(routes: Routes, store: SetupStore): void {
  const show = (context: AnyContext, form: Form) =>
    stepPage(context, store, 'administrator', { form, hasPassword: store.read().administrator !== undefined })

  routes.get('/setup/administrator', { access: anyone }, (context) =>
    show(context, cleanForm(store.read().administrator ?? { login: 'administrator' })),
  )

  routes.post('/setup/administrator/check', { access: anyone }, ({ req }) => {
    parse(req.body, store)
    return json({ notice: null })
  })

  routes.post('/setup/administrator', { access: anyone, invalid: show }, async ({ req }) => {
    store.update({ administrator: await remember(req.body, store) })
    return redirectAfter('administrator', store)
  })
}

/** A password that was chosen before is kept if the field stays empty. */
function parse(body: Record<string, unknown> | undefined, store: SetupStore) {
  const isKept = store.read().administrator !== undefined && !body?.password
  if (isKept) return { ...parseInput(administratorInputAgain, body), password: '' }
  const input = parseInput(administratorInput, body)
  if (input.password !== body?.passwordAgain) throw InputError.of('passwordAgain', 'install.administrator.notTheSame')
  return input
}

async function remember(
  body: Record<string, unknown> | undefined,
  store: SetupStore,
): Promise<RememberedAdministrator> {
  const { password, ...person } = parse(body, store)
  const known = store.read().administrator?.passwordHash
  return { ...person, passwordHash: password || !known ? await hashPassword(password) : known }
}
