/* One line to the system's log that never waits: with a dead journald, syslog() would hang the login. */
#pragma once

#define DATAGRAM_TEXT_SIZE 1400 /* a longer text is cut */

/* Sends one datagram in syslog's form to the socket at `path`, priority LOG_AUTHPRIV|priority, "TAG[PID]:
 * text". The text is cleaned. What cannot be sent at once is lost: the spool is the record, this is for
 * people who read logs. */
void datagram_send(const char *path, int priority, const char *tag, const char *text);
