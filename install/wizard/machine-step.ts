import { json, redirect } from '../../server/core/http/reply.ts'
import { anyone, type Routes } from '../../server/core/http/route.ts'
import { checkMachine } from '../checks/machine-check.ts'
import type { SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'
import { machineNotice } from './words.ts'

/** Whether the machine will do. The port is not tried: the wizard listens on it. */
export function machineRoutes(routes: Routes, store: SetupStore): void {
  routes.get('/setup/machine', { access: anyone }, async (context) => {
    const findings = await checkMachine(store.folder)
    const notices = findings.map((finding) => machineNotice(finding, context.t, context.lang))
    const isFit = findings.every(({ state }) => state !== 'failed')
    if (context.wantsJson) return json({ isFit, notices })
    return stepPage(context, store, 'machine', { notices, isFit })
  })

  routes.post('/setup/machine', { access: anyone }, async () => {
    const findings = await checkMachine(store.folder)
    // The page shows what is wrong; there is nothing to type.
    if (findings.some(({ state }) => state === 'failed')) return redirect('/setup/machine')
    store.update({ machineSeen: true })
    return redirectAfter('machine', store)
  })
}
