import { z } from 'zod'
import { id } from '../../core/http/fields.ts'
import { redirect } from '../../core/http/reply.ts'
import { mayEverywhere, type Routes, signedIn } from '../../core/http/route.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { VIEWING_PERMISSION } from '../../core/session/viewing.ts'
import { startViewing, stopViewing } from './viewing-service.ts'

/** Looking at the system through another person's eyes, and back. */
export function viewingRoutes(routes: Routes): void {
  routes.post(
    '/people/:id/view',
    { access: mayEverywhere(VIEWING_PERMISSION), params: z.object({ id: id() }) },
    async ({ req, actor, params }) => {
      await startViewing(req, actor, params.id)
      checkSockets()
      return redirect('/')
    },
  )
  routes.post(
    '/viewing/end',
    { access: signedIn, always: true, beforeConsent: true, beforeSecondStep: true, whileViewing: true },
    async ({ req, actor }) => {
      const personId = await stopViewing(req, actor)
      checkSockets()
      return redirect(personId ? `/people/${personId}` : '/', { kind: 'info', key: 'accounts.viewing.ended' })
    },
  )
}
