import type { Request, Response } from 'express'
import multer from 'multer'

/** A form that was sent after its session had ended: shown again after signing in, to be sent once more. */
export type KeptForm = { action: string; fields: { name: string; value: string }[] }

const MOST_FIELDS = 1000

/** A form from another site is never kept: signing in must not send what a stranger prepared. */
function isOurs(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  if (site) return site === 'same-origin'
  const origin = req.get('origin') ?? req.get('referer')
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === req.get('host')
}

const flatten = (value: unknown, name: string): { name: string; value: string }[] => {
  if (Array.isArray(value)) return value.flatMap((item) => flatten(item, name))
  if (value && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, item]) => flatten(item, name ? `${name}[${key}]` : key))
  }
  return [{ name, value: String(value ?? '') }]
}

const typedOnly = multer({
  fileFilter: (_req, _file, done) => done(null, false),
  // Anybody may send one: together this is as much as any other form may be. Our forms with a file have few fields.
  limits: { fields: 20, fieldSize: 100_000, files: 5 },
}).any()

/** Reads the fields of a multipart form that nobody has read yet; its files go nowhere. A broken form has no fields. */
export async function receiveTyped(req: Request, res: Response): Promise<void> {
  if (req.method !== 'POST' || !req.is('multipart/form-data') || !isOurs(req)) return
  await new Promise<void>((resolve) => typedOnly(req, res, () => resolve()))
}

/** What was typed, as hidden fields, or null if there is nothing to keep. Passwords are not kept. */
export function keptForm(req: Request): KeptForm | null {
  if (req.method !== 'POST' || !isOurs(req) || !req.body || typeof req.body !== 'object') return null
  const fields = flatten(req.body, '').filter(({ name }) => name !== '_csrf' && !/password/i.test(name))
  if (!fields.length || fields.length > MOST_FIELDS) return null
  return { action: req.originalUrl, fields }
}
