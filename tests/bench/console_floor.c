/* SPDX-License-Identifier: ISC */
/* The least that a screen can cost: a program of ncurses that shows one word, and waits. */
#include <curses.h>
#include <locale.h>
#include <unistd.h>

int main(void)
{
    (void)setlocale(LC_ALL, "");
    (void)initscr();
    (void)addstr("floor");
    (void)refresh();
    (void)pause();
    return 0;
}
