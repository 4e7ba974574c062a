# recs_switch: slots, models or everything off within a second, in every
# worker, without a reload.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $t = RecsNginx->new;

my $bundle = $t->bundle('a');
$t->publish($bundle, 'shop');
$t->publish($bundle, 'other');

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_model other %%DIR%%/other;

    recs_slot best { model shop; strategy popular; }
    recs_slot more { model shop; strategy popular; }
    recs_slot else { model other; strategy popular; }

    recs_switch %%DIR%%/switch;

    server {
        listen 127.0.0.1:%%PORT%% reuseport;

        location /recs/ { recs_api; }
        location /status { recs_status; }
    }
}
END

$t->start;


# What is off, as each of the workers says: with reuseport a connection goes to
# one by the hash of its port, so asking often enough asks both.
sub off {
    my %said;

    for my $try (1 .. 24) {
        my $off = join ' ', grep {
            my $source = $t->json("/recs/$_")->{json}{source};
            $source eq 'fallback';
        } qw(best more else);

        $said{$off}++;
    }

    return join '|', sort keys %said;
}


sub becomes {
    my ($text, $expected, $what) = @_;

    defined $text ? $t->write('switch', $text) : unlink $t->path('switch');

    my $start = time;

    ok($t->wait_for($what, sub { off() eq $expected }), $what);
    note(sprintf 'after %.2f s', time - $start);
}


is(off(), '', 'no file: everything is on');

becomes("all\n", 'best more else', 'everything is off');

my $answer = $t->json('/recs/best')->{json};
is($answer->{reason}, 'switched_off', 'and the reason says so');
is_deeply($answer->{items}, [], 'nothing is shown');

becomes("", '', 'an empty file: on again');
becomes("# only this one\nslot best  # for now\n", 'best', 'one slot');
becomes("slot more off\n", 'more', 'another, with "off"');
becomes("model shop\n", 'best more', 'a model: all its slots');
becomes("  model\tother   off\r\n\r\n", 'else', 'blanks and CR');
becomes("slot best\nslot else", 'best else', 'no newline at the end');
becomes(undef, '', 'the file is gone: everything is on');

# A file of the same size, written in place and at once.
becomes("slot best\n", 'best', 'before the rewrite');
becomes("slot more\n", 'more', 'the same size in place');

# By rename, as a careful tool does.
$t->write('switch.new', "slot else\n");
rename $t->path('switch.new'), $t->path('switch') or die;
$t->wait_for('the renamed file', sub { off() eq 'else' });
pass('replaced by rename');


# --- a worker that starts later, a reload ------------------------------------

my ($pid) = $t->workers;
$t->kill_worker($pid);
$t->wait_for('two workers', sub { $t->workers == 2 });
is(off(), 'else', 'a new worker knows before it serves');

$t->reload;
is(off(), 'else', 'and so do those of a reload');

my %slots = map { $_->{name} => $_ } @{ $t->json('/status')->{json}{slots} };
ok($slots{else}{switched_off} && !$slots{best}{switched_off},
   'the status page shows it');
cmp_ok($slots{else}{reasons}{switched_off}, '>', 0, 'and counts it');


# --- what is wrong in it -------------------------------------------------------

my $before = () = $t->log =~ /switches nothing off/g;
becomes("slot nobody\nall on\nbest\nslot best extra\nmodel\nslot more\n",
        'more', 'the lines that are right count');

my @complaints = $t->log =~ /("[^"]*") switches nothing off/g;
is(@complaints - $before, 5 * 2, 'each wrong line once per worker')
    or diag(@complaints);

$t->wait_for('some more looks', do {
    my $end = time + 1;
    sub { time > $end };
});
is(scalar(() = $t->log =~ /switches nothing off/g), @complaints,
   'and not again');

my $status = $t->json('/status')->{json}{switch};
is($status->{unknown}, 5, 'five are counted');
is($status->{entries}, 6, 'of six');

# Too large to be meant: what was in force stays.
$t->write('switch', "all\n" x 30000);
$t->wait_for('the complaint', sub { $t->log =~ /switch".*is too large/ });
is(off(), 'more', 'a file that is too large changes nothing');

unlink $t->path('switch');
mkdir $t->path('switch') or die;
$t->wait_for('the complaint', sub { $t->log =~ /is not a regular file/ });
is(off(), 'more', 'nor does a folder');
rmdir $t->path('switch');
$t->wait_for('on again', sub { off() eq '' });

$t->done;
