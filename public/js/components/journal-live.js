/**
 * Changes of other people as they happen. The socket only brings news; whenever it was away, the state of the group is
 * fetched again, so that nothing is missed.
 *
 * @param {{ groupId: number, client: string, onCells: (news: any) => void, onLessons: () => void,
 *   onBack: () => void }} options `client`: address of the socket library, served by the application itself
 */
export async function followGroup({ groupId, client, onCells, onLessons, onBack }) {
  let io
  try {
    io = (await import(client)).io
  } catch {
    return // Without the library the journal still saves; others' changes come with the next conflict or reload.
  }
  const socket = io({ transports: ['websocket', 'polling'] })
  socket.on('connect', () => {
    socket.emit('journal:follow', { groupId })
    onBack()
  })
  socket.on('journal:cells', (news) => news.groupId === groupId && onCells(news))
  socket.on('journal:lessons', (news) => news.groupId === groupId && onLessons())
}
