/** What is said beside the page. What shows it comes when there is something to show. */

import type { NotificationData } from "@mantine/notifications";

export async function notify(notice: NotificationData): Promise<void> {
  const { notifications } = await import("@mantine/notifications");
  notifications.show(notice);
}
