/* A file without the licence line. */
#ifndef CORE_BASE_WORD_H
#define CORE_BASE_WORD_H
#endif
