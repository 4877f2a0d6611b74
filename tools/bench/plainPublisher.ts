import { connectRabbit } from '../../test/support/scanQueue.ts';

const UNCONFIRMED = 1_000;

/** The yardstick: a bare loop over amqplib's confirm channel. Gives seconds. */
export async function publishPlainly(
  vhost: string,
  messages: readonly { content: Buffer; headers: Record<string, unknown> }[],
): Promise<number> {
  const connection = await connectRabbit(vhost);
  const channel = await connection.createConfirmChannel();
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let next = 0;
    let confirmed = 0;
    const send = () => {
      while (next < messages.length && next - confirmed < UNCONFIRMED) {
        const { content, headers } = messages[next++] ?? { content: Buffer.alloc(0), headers: {} };
        const properties = {
          contentType: 'application/json',
          contentEncoding: 'utf-8',
          deliveryMode: 2,
          mandatory: true,
        };
        channel.publish(
          'nmap_exchange',
          'nmap.scan',
          content,
          { ...properties, headers, correlationId: headers.id as string, priority: 0 },
          (error) => {
            if (error) return reject(error);
            confirmed++;
            if (confirmed === messages.length) return resolve();
            send();
          },
        );
      }
    };
    send();
  });
  const seconds = (performance.now() - start) / 1_000;
  await connection.close();
  return seconds;
}
