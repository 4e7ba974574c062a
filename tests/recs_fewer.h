/*
 * recs_fewer: a test that repeats itself with random numbers does so a tenth
 * as often under AddressSanitizer.  The plain build has all repetitions; what
 * a sanitizer sees, it sees in few as well.
 */

#ifndef _RECS_FEWER_H_INCLUDED_
#define _RECS_FEWER_H_INCLUDED_


#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RECS_FEWER  10
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define RECS_FEWER  10
#endif

#ifndef RECS_FEWER
#define RECS_FEWER  1
#endif


#endif /* _RECS_FEWER_H_INCLUDED_ */
