/** The warning about a server that asks for no credentials and that other machines reach. */
export function openServer(server: string): string {
  return (
    `the NATS server at ${server} asks for no credentials: every machine that reaches it can disturb jobs and read their rows; ` +
    'add credentials, as docs/nodes.md says, or bind it to 127.0.0.1'
  );
}
