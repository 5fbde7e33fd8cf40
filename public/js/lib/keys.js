const TYPING = 'input, textarea, select, [contenteditable], [role="grid"], [role="textbox"]'

/** Whether a key belongs to somebody who writes (in a field, in the editor, in the grid of a journal) or to an open dialog. */
export const isWriting = (event) =>
  event.defaultPrevented || Boolean(event.target.closest?.(TYPING)) || document.querySelector('dialog[open]') !== null

/** Whether a key was pressed by itself. */
export const isAlone = (event) => !(event.ctrlKey || event.altKey || event.metaKey)
