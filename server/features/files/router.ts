import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { selectReadableFile } from '../../core/files/index.ts'
import { contentKey, previewKey } from '../../core/files/keys.ts'
import { showingOf } from '../../core/files/kinds.ts'
import { contentDisposition } from '../../core/files/names.ts'
import { previewKindOf, previewOf } from '../../core/files/previews/index.ts'
import { thumbnailOf } from '../../core/files/previews/make.ts'
import { sendContent } from '../../core/files/serve.ts'
import { id } from '../../core/http/fields.ts'
import { referringPath } from '../../core/http/own-path.ts'
import { custom, json, page } from '../../core/http/reply.ts'
import { type Routes, signedIn } from '../../core/http/route.ts'
import { loadPreview } from './load.ts'

const params = z.object({ id: id() })
const query = z.object({ download: z.string().max(10).optional() })

// Nothing in a file may run or fetch. Browsers show no PDF at all inside a sandbox; their viewers are one by themselves.
const POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
const PDF_POLICY = "script-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
// A Word document as a page: its pictures are in it, its links open beside it.
const PAGE_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

const policyFor = (mediaType: string) => (mediaType === 'application/pdf' ? PDF_POLICY : POLICY)
/** Shown in the browser only what cannot run as a page; everything else is saved to disk. */
const isShown = (mediaType: string) => ['image', 'video', 'audio', 'pdf', 'text'].includes(showingOf(mediaType))

/** Serves files, and what shows them, to those who may see what they hang on. */
export function fileRoutes(routes: Routes): void {
  // What a file hangs on decides; one's own data can be fetched before anything is agreed to.
  routes.get(
    '/files/:id',
    { access: signedIn, params, query, beforeConsent: true },
    async ({ actor, params, query }) => {
      const file = await selectReadableFile(actor, params.id)
      return custom(async (req, res) => {
        const isInline = isShown(file.mediaType) && query.download === undefined
        // Not by Express, which would add the letters of our own pages to a text that may be in others.
        res.setHeader('Content-Type', file.mediaType)
        res.set('Content-Disposition', contentDisposition(isInline ? 'inline' : 'attachment', file.name))
        res.set('Content-Security-Policy', policyFor(file.mediaType))
        await sendContent(req, res, { key: contentKey(file.sha256), size: file.size, tag: file.sha256 })
      })
    },
  )

  routes.get('/files/:id/view', { access: signedIn, params }, async (context) => {
    const { actor, params, req } = context
    const file = await selectReadableFile(actor, params.id)
    const from = referringPath(req)
    const model = {
      preview: await loadPreview(context, file, `/files/${file.id}/view`),
      backHref: from.startsWith('/files/') ? '' : from,
    }
    return page('files/view', model, { title: file.name, styles: ['files.css'] })
  })

  routes.get('/files/:id/thumb', { access: signedIn, params }, async ({ actor, params }) => {
    const file = await selectReadableFile(actor, params.id)
    if (showingOf(file.mediaType) !== 'image') throw new NotFoundError()
    return custom(async (req, res) => {
      const key = await thumbnailOf(file)
      res.set({ 'Content-Type': 'image/webp', 'Content-Security-Policy': POLICY })
      await sendContent(req, res, { key, tag: `${file.sha256}.thumb` })
    })
  })

  routes.get('/files/:id/preview', { access: signedIn, params }, async ({ actor, params }) => {
    const file = await selectReadableFile(actor, params.id)
    const kind = previewKindOf(showingOf(file.mediaType))
    if (!kind || (await previewOf(file)).state !== 'ready') throw new NotFoundError()
    return custom(async (req, res) => {
      const isPage = kind === 'html'
      res.set('Content-Type', isPage ? 'text/html; charset=utf-8' : 'application/pdf')
      res.set('Content-Security-Policy', isPage ? PAGE_POLICY : PDF_POLICY)
      // A caged page is of no origin that could be kept apart by this.
      if (isPage) res.removeHeader('Origin-Agent-Cluster')
      await sendContent(req, res, { key: previewKey(file.sha256, kind), tag: `${file.sha256}.${kind}` })
    })
  })

  routes.get('/files/:id/preview/state', { access: signedIn, params }, async ({ actor, params, t }) => {
    const file = await selectReadableFile(actor, params.id)
    const working = (await previewOf(file)).state === 'waiting'
    return json({ working, percent: working ? 50 : 100, text: t('files.preview.waiting') })
  })
}
