/** Messages that an AMQP broker gives before they are acknowledged, to whom is measured. */
export const PREFETCH = 1000;
