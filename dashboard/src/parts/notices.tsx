/** Where notices stand. */

import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";

export default function Notices() {
  return <Notifications position="bottom-right" />;
}
