import type { RabbitmqServer } from '../../tools/services/rabbitmq.ts';

/** Every byte is too much: publishers are blocked. Only on a server that nobody else uses. */
export async function beginAlarm({ rabbitmqctl }: RabbitmqServer): Promise<void> {
  await rabbitmqctl('set_vm_memory_high_watermark', '0.0000001');
}

export async function endAlarm({ rabbitmqctl }: RabbitmqServer): Promise<void> {
  await rabbitmqctl('set_vm_memory_high_watermark', '0.4');
}
