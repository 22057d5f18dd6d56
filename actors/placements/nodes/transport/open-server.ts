/** What is said of a server that asks nobody who they are, and that others can reach. */
export function openServer(server: string): string {
  return (
    `the NATS server at ${server} lets in whoever reaches it: they can disturb jobs and read their rows; ` +
    'ask for credentials, as docs/nodes.md has them, or bind it to 127.0.0.1'
  );
}
