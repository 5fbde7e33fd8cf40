import { z } from 'zod'
import { ownPath } from '../../core/http/own-path.ts'
import { APPEARANCE_COOKIE, readAppearance } from '../../core/http/preferences.ts'
import { redirect } from '../../core/http/reply.ts'
import { anyone, type Routes } from '../../core/http/route.ts'
import { chooseLanguage } from './preferences-service.ts'

const preferencesBody = z.object({
  back: z.string().max(2000).optional(),
  language: z.string().max(8).optional(),
  theme: z.enum(['light', 'dark', 'auto']).optional(),
  shortcuts: z.enum(['0', '1']).optional(),
  vision_on: z.literal('1').optional(),
  vision_off: z.literal('1').optional(),
  vision_size: z.coerce.number().int().min(1).max(3).optional(),
  vision_scheme: z.enum(['white', 'black', 'blue']).optional(),
  vision_spacing: z.coerce.number().int().min(0).max(2).optional(),
  vision_images: z.coerce.number().int().min(0).max(1).optional(),
})

/** Language, theme and the low-vision version, as every page's header sends them: also before the installation. */
export function preferenceRoutes(routes: Routes): void {
  routes.post('/preferences', { access: anyone, body: preferencesBody }, async ({ actor, body, req, res }) => {
    if (body.language) await chooseLanguage(actor, body.language, res)
    const look = readAppearance(req)
    if (body.theme) look.theme = body.theme
    if (body.shortcuts) look.shortcuts = body.shortcuts === '1'
    const { vision_size: size, vision_scheme: scheme, vision_spacing: spacing, vision_images: images } = body
    const isChanged = [size, scheme, spacing, images].some((value) => value !== undefined)
    if (body.vision_off) look.vision = null
    else if (body.vision_on || isChanged) {
      const now = look.vision ?? { size: 2, scheme: 'white' as const, spacing: 1, images: 1 }
      look.vision = {
        size: size ?? now.size,
        scheme: scheme ?? now.scheme,
        spacing: spacing ?? now.spacing,
        images: images ?? now.images,
      }
    }
    res.cookie(APPEARANCE_COOKIE, JSON.stringify(look), { sameSite: 'lax', httpOnly: true, maxAge: 365 * 86_400_000 })
    return redirect(ownPath(body.back))
  })
}
