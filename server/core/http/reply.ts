import type { Request, Response } from 'express'

/** A link or a POST button; see views/shared/action.ejs. */
export type Action = {
  href: string
  label: string
  icon?: string
  kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  method?: 'post'
  fields?: Record<string, string | number>
  confirm?: string
  dialog?: boolean
}
export type Crumb = { href: string; label: string }
export type Flash = { kind: 'success' | 'warning' | 'danger' | 'info'; key: string; values?: Record<string, unknown> }

export type PageOptions = {
  title: string
  subtitle?: string
  /** The body prints its own heading. */
  hideTitle?: boolean
  /** A wider card in the plain layout. */
  wide?: boolean
  status?: number
  layout?: 'app' | 'plain' | 'print' | 'none'
  breadcrumbs?: Crumb[]
  /** At most one of them primary. */
  actions?: Action[]
  /** Style sheets beside the common ones, e.g. `journal.css`. */
  styles?: string[]
  scripts?: string[]
  /** For the print layout: the sheet lies on its side; where "back" leads; what stands at the foot. */
  landscape?: boolean
  backUrl?: string
  printedAt?: string
}

/** What a handler answers; the pipeline writes it to the wire. */
export type Reply =
  | { kind: 'page'; view: string; model: Record<string, unknown>; options: PageOptions }
  | { kind: 'redirect'; to: string; flash?: Flash }
  | { kind: 'json'; data: unknown; status: number }
  | { kind: 'custom'; send: (req: Request, res: Response) => void | Promise<void> }

/** A page from a template and exactly what it prints. */
export const page = (view: string, model: Record<string, unknown>, options: PageOptions): Reply => ({
  kind: 'page',
  view,
  model,
  options,
})

/** See other, after a successful POST; `flash` is said on the next page. */
export const redirect = (to: string, flash?: Flash['key'] | Flash): Reply => ({
  kind: 'redirect',
  to,
  flash: typeof flash === 'string' ? { kind: 'success', key: flash } : flash,
})

export const json = (data: unknown, status = 200): Reply => ({ kind: 'json', data, status })

/** Writes to the response itself: downloads and streams. */
export const custom = (send: (req: Request, res: Response) => void | Promise<void>): Reply => ({ kind: 'custom', send })
