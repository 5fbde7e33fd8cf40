/** Signs in a name, with its ending: file systems take no more than 255 bytes, and a Russian letter is two. */
const MOST_SIGNS = 110

/** Signs that cannot be seen, halves of signs, and marks that turn the reading direction ("invoice_fdp.exe" shown as "invoice_exe.pdf"). */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu
/** What some system does not take in a name. */
const FORBIDDEN = /[<>:"|?*]/g
/** Names that mean a device on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** The ending of a name in small letters, without its dot; '' where there is none. */
export const extensionOf = (name: string): string => /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? ''

/**
 * The name under which an uploaded file is kept: the sender's own, without folders, unseen signs, and what would do harm
 * on the machine of whoever saves it.
 */
export function cleanFileName(sent: string): string {
  const last = sent.normalize('NFC').split(/[\\/]/).pop() ?? ''
  const plain = last.replace(UNSEEN, '').replace(FORBIDDEN, '_').replace(/\s+/g, ' ')
  const name = plain.replace(/^[. ]+|[. ]+$/g, '').replace(DEVICE, '_$&')
  if (!name) return 'file'
  const signs = [...name]
  if (signs.length <= MOST_SIGNS) return name
  const ending = extensionOf(name)
  const room = MOST_SIGNS - (ending ? ending.length + 1 : 0)
  return `${signs.slice(0, room).join('').trimEnd()}${ending ? `.${ending}` : ''}`
}

/**
 * The header that says how a file is taken and what it is called: in UTF-8 for all browsers of this century, and in plain
 * letters for what is older.
 */
export function contentDisposition(how: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name.replace(/\p{Cs}/gu, '_')).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`
}
