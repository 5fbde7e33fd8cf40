import { z } from 'zod'
import type { Feature } from '../../core/feature.ts'
import { selectReadableFile } from '../../core/files/index.ts'
import { id } from '../../core/http/fields.ts'
import { custom } from '../../core/http/reply.ts'
import { signedIn } from '../../core/http/route.ts'

const params = z.object({ id: id() })

// Shown in the browser only what cannot run as a page; everything else is saved to disk.
const INLINE = /^(image\/(png|jpeg|webp|gif)|application\/pdf|audio\/|video\/|text\/plain)/

// Nothing in a file may run or fetch. Browsers show no PDF at all inside a sandbox; their viewers are one by themselves.
const POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
const PDF_POLICY = "script-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

/** Serves files to those who may see what they hang on. */
export const files: Feature = {
  name: 'files',
  routes: (routes) => {
    routes.get('/files/:id', { access: signedIn, params }, async ({ actor, params }) => {
      const file = await selectReadableFile(actor, params.id)
      return custom((_req, res) => {
        const disposition = INLINE.test(file.mediaType) ? 'inline' : 'attachment'
        res.set('Content-Type', file.mediaType)
        res.set('Content-Disposition', `${disposition}; filename*=UTF-8''${encodeURIComponent(file.name)}`)
        res.set('Content-Security-Policy', file.mediaType === 'application/pdf' ? PDF_POLICY : POLICY)
        res.set('Cache-Control', 'private, max-age=300')
        res.sendFile(file.path, { dotfiles: 'allow', cacheControl: false })
      })
    })
  },
}
