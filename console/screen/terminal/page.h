/* A page on the screen: folded to whatever width there is, scrolled and searched. */
#pragma once

#include "console/base/page.h"
#include "console/screen/terminal/canvas.h"
#include "console/screen/terminal/keys.h"

/* How many rows it needs. */
size_t page_rows(const struct page *page, const struct canvas *c, int width);
/* Paints it from ->top on, which it keeps within what there is, with a mark where there is more. */
void page_paint(struct page *page, struct canvas *c, struct area area);
/* Scrolls, if it is a command that does. */
bool page_command(struct page *page, enum command command);
/* Scrolls to the next line (back: the one before) that has the text in it, whatever the case. False: there is
 * none. */
bool page_find(struct page *page, const struct canvas *c, const char *text, bool back);
