import { connect } from 'node:net'
import type { Request } from 'express'
import { RUSSIAN_ZONES } from '../server/core/time.ts'

/** What can be guessed, so that a person only corrects. */

/** The machine's time zone; servers often run on UTC, which is nobody's. */
export function guessTimeZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return !zone || zone === 'UTC' || zone.startsWith('Etc/') ? 'Europe/Moscow' : zone
}

type ZoneOption = { value: string; label: string; group: string }

const zoneOptions = new Map<string, ZoneOption[]>()

/** Every time zone with its name and distance from UTC, Russia's first. Cached: there are four hundred. */
export function listTimeZones(language: string, groups: { russia: string; world: string }): ZoneOption[] {
  const known = zoneOptions.get(language)
  if (known) return known
  const now = new Date()
  const part = (zone: string, style: 'shortGeneric' | 'shortOffset') =>
    new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: style })
      .formatToParts(now)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const offset = (zone: string) => part(zone, 'shortOffset').replace('GMT', 'UTC')
  const russia = RUSSIAN_ZONES.map((zone) => ({
    value: zone,
    label: `${part(zone, 'shortGeneric')}, ${offset(zone)}`,
    group: groups.russia,
  }))
  const world = Intl.supportedValuesOf('timeZone')
    .filter((zone) => !RUSSIAN_ZONES.includes(zone))
    .map((zone) => ({ value: zone, label: `${zone.replaceAll('_', ' ')}, ${offset(zone)}`, group: groups.world }))
  const all = [...russia, ...world]
  zoneOptions.set(language, all)
  return all
}

/** The address under which this request came: what people will open, unless it is an inner one. */
export const guessAddress = (req: Request): string => `${req.protocol}://${req.get('host') ?? 'localhost'}`

/** Whether something listens on the usual port of MySQL and MariaDB on this machine. */
export function hasLocalServer(port = 3306): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 300 })
    const finish = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', finish(true))
    socket.once('error', finish(false))
    socket.once('timeout', finish(false))
  })
}

/** Mail services whose servers are known by the domain of an address. */
const MAIL_SERVICES: Record<string, { host: string; port: number; security: 'tls' | 'starttls' }> = {
  'yandex.ru': { host: 'smtp.yandex.ru', port: 465, security: 'tls' },
  'ya.ru': { host: 'smtp.yandex.ru', port: 465, security: 'tls' },
  'mail.ru': { host: 'smtp.mail.ru', port: 465, security: 'tls' },
  'bk.ru': { host: 'smtp.mail.ru', port: 465, security: 'tls' },
  'list.ru': { host: 'smtp.mail.ru', port: 465, security: 'tls' },
  'inbox.ru': { host: 'smtp.mail.ru', port: 465, security: 'tls' },
  'rambler.ru': { host: 'smtp.rambler.ru', port: 465, security: 'tls' },
  'gmail.com': { host: 'smtp.gmail.com', port: 465, security: 'tls' },
}

/** The mail server that belongs to an address, as far as its domain tells. */
export function guessMailServer(address: string) {
  const domain = address.split('@')[1]?.toLowerCase() ?? ''
  const service = MAIL_SERVICES[domain]
  return {
    host: service?.host ?? (domain ? `mail.${domain}` : ''),
    port: service?.port ?? 587,
    security: service?.security ?? ('starttls' as const),
    user: service ? address : '',
    from: address,
  }
}
