#include "tools/seed/texts.h"

namespace dailyfeed::seed {

// clang-format off
const char kEnglishTexts[] = R"texts(
# running
= route: the river loop | the Banpo bridges | the canal path | Seonyudo and back | the track behind the school
= km: 5 | 7 | 8 | 10 | 12 | 16
= race: the spring half | my first 10k | the Chuncheon marathon | the night run
~ Rest day tomorrow, promise.
~ Legs are fine, pride is better.
~ Who is out this weekend?
~ Shower, toast, done.
+ {km} km along {route} before breakfast. Fog so thick that the ducks heard me first.
> I was out there too, could not see my own feet.
+ Signed up for {race}. Telling people so that I cannot back out quietly.
+ Easy {km} km today. The hard part was keeping it easy.
> Easy days easy. The secret nobody follows.
> Which app do you use for the splits?
< Just a watch and a paper notebook, honestly.
+ [Blister advice?] Every long run ends with the same toe. New socks, new shoes, same toe. What am I missing?
> Try lacing them one hole looser at the front.
< One hole looser did it. I owe you a coffee.
+ Ran {route} with somebody I only knew from this feed. We talked for {km} km and never got to the small talk.
+ Missed a week, was sure I had lost everything, ran {km} km and had lost nothing. Noted for next time.
> This is the push I needed. Going out now.
< See you on Saturday then!
+ Volunteered at {race} instead of running it. Handing out water is harder on the shoulders than I expected.
> Volunteers make it possible. Thank you!
+ Forgot my gloves on {route}. {km} km with socks on my hands. Nobody stared, this is a running town.
> Socks on hands is a classic.
+ Paced a friend through {race} today. I have never been so proud of somebody else's time.
> Best kind of race there is.
+ New shoes, rain for three days. They sit by the door and judge me and {route} both.

# dev
= lang: C++ | Rust | Go | Kotlin | Python
= thing: a race condition | a time zone bug | an off-by-one | a flaky test | a memory leak
= time: three hours | two days | a whole sprint | one long evening
~ Writing it down so that I remember.
~ Anyone else been there?
~ Going home on time for once.
~ Tomorrow: the documentation.
+ Spent {time} on {thing}. The fix removed more lines than it added, so I call it a win.
> What did it turn out to be?
< An assumption that was true everywhere except there.
+ Deleted four hundred lines of {lang} today. Nobody will ever know, and that is the point.
> Deleting code is the best feeling.
+ [Naming things] We had a class called Manager, a class called ManagerManager, and a meeting about both. We now have neither.
+ The best code review I ever got was one sentence: "What happens when this fails halfway?" I think about it every day.
> "What happens when this fails halfway?" goes on my wall.
+ Wrote the test first for {thing}. It failed for a reason I had not thought of. Humbling, useful, ten out of ten.
> Did the sanitizers catch it?
< They did, first run. I felt both clever and silly.
+ Reading old {lang} of mine. Past me left a comment that says "sorry". Apology accepted.
> I have written that exact "sorry".
+ If your log only says "error", please consider that somebody on call reads it at 4 am. That somebody was me.
+ Replaced a clever cache with a sorted array. It is faster. I have no further comments.
> Sorted arrays win again.
+ Append-only logs have ruined me: now I want my fridge to remember who took the last yoghurt.
> Every fridge needs an audit trail.
< The yoghurt remains unresolved.
+ Meeting cancelled, found {thing}, fixed {thing}. Please cancel more meetings.
> Seconded, carried.
+ The new colleague asked why, five times in a row, and at the fourth why the {lang} service turned out to be unnecessary.
> The fourth why is where it lives.
< The fifth was about lunch.
+ My commit message was longer than my change. {lang}, one character, {time}.

# coffee
= place: the corner by the station | a garage in Seongsu | the tiny bar in Seochon | the roastery near Mangwon market
= bean: a washed Kenyan | an Ethiopian natural | a honey from Costa Rica | a plain Colombian
~ Second cup pending.
~ Notes to self, really.
~ What was your first cup today?
~ My wallet disagrees, my morning does not.
+ Found {place}. Six seats, one grinder, no menu. I pointed at {bean} and it was perfect.
> Six seats and no menu is my favourite kind of place.
+ Switched my scale from grams to "about that much" for a day. Never again.
+ {bean}, coarser than usual, and suddenly it tastes of apricot. I changed nothing else, I swear.
> Coarser fixed mine too!
+ The barista at {place} remembered my order from last winter. I will now move into the neighbourhood.
> Going there this weekend, thank you.
+ Decaf after lunch: day five. I sleep. I also dream about espresso.
> Which decaf? I am looking for a good one.
< A sugar cane process from Colombia. Worth it.
+ [Moka pot people] Do you preheat the water? I have read eleven opinions and they are all delivered with total certainty.
> Preheat. Total certainty.
> Do not preheat. Also total certainty.
< You two should never meet.
+ Tried {bean} on the train with a hand grinder. Three people moved closer, nobody complained.
> This is how clubs begin.
+ My mother says {bean} tastes "like the tea, but worried". Unbeatable tasting note.
> "But worried" is perfect.
+ Broke the glass server, brewed into a rice bowl. Honestly? Nicer.

# cooking
= dish: a pot of kimchi stew | shakshuka | a tray of roast potatoes | mushroom risotto | lentil soup
= who: my neighbour | my brother | the whole office | an unexpected guest
~ The dishes are a problem for tomorrow.
~ Recommended.
~ Two bowls, no regrets.
~ The kitchen smells of it still.
+ Made {dish} for {who}. There are no leftovers and I am oddly proud.
> Please post the recipe!
< Recipe is mostly patience, but I will write it down.
+ Sourdough, attempt nine: it rose! It also stuck to the tin, but it rose.
> Nine attempts is nothing, I am at fourteen.
+ I keep learning the same lesson with {dish}: more salt early, less stirring, go away and do something else.
+ My grandmother measured with a rice bowl. I finally have her rice bowl, so now the recipes work.
> The rice bowl story made my evening.
+ [Cheap and good] {dish} for four under ten thousand won, and the market lady threw in the parsley.
> Parsley for free means you are a regular now.
+ Burnt the garlic, started over, burnt it again, ordered in. Tomorrow is another day.
> Low heat, and never answer the phone while there is garlic.
< I was, of course, on the phone.
+ {dish}, twice this week, because {who} asked what smelled so good.
> There is no better question.
+ Wrote "a little more than last time" in my own recipe for {dish}. Helpful as ever.
+ The market was out of everything, so {dish} had turnips in it. It will have turnips from now on.
> Turnips are always right.

# hiking
= peak: Bukhansan | Gwanaksan | Dobongsan | Seoraksan | Jirisan
= snack: gimbap | boiled eggs | instant noodles | a very squashed sandwich
~ Knees filed a complaint.
~ Packed everything out again.
~ Worth every step.
~ Bus home, asleep in a minute.
+ {peak} by the quiet side. Met nobody for two hours, then forty people and a dog at the top.
> Which entrance did you take?
< From Ui station, the left path at the small temple.
> The dog always gets there first.
+ Carried {snack} all the way up {peak}. It is a fact that altitude is a spice.
> Altitude is a spice, stealing that.
+ The stairs on {peak} were built by someone who has never met a knee.
+ Turned back two hundred metres below the top because of the wind. Good decision, sulked all the way down.
> Turning back is the strong thing to do.
+ First snow on {peak}. Took one photo, put the phone away, and just stood there.
+ [Gear question] Poles or no poles on wet leaves? I slid most of the way down {peak} and call it technique.
> Poles. Always poles on leaves.
< Poles ordered. My trousers thank you.
+ Walked around {peak} instead of up. Different mountain entirely.
> Which way around?
< Clockwise, so that the sun stays behind you.
+ Found a thermos on {peak} with a note: "still warm, help yourself". It was, and I did.
> Faith in people restored.
+ My father waited for me at every bend of {peak} for ten years. Today I waited for him.

# books
= book: "Pachinko" | "The Remains of the Day" | "Piranesi" | "A Wizard of Earthsea" | "Stoner"
= where: the bus | a park bench | the laundromat | bed, with a torch, like a child
~ Still thinking about it.
~ Next one is not chosen yet.
~ Underlined far too much.
~ Lending it out tomorrow.
+ Finished {book} on {where}. Missed my stop, or would have, had there been one.
> That ending! Still thinking about it.
+ [Reading slump] Nothing holds me since {book}. What brought you back after a slump?
> Short stories. Always short stories after a slump.
< A collection of short stories it is. Thank you!
+ The second-hand copy of {book} came with a train ticket from 1994 inside. Somebody was going to Busan.
> I hope they got to Busan.
+ Our book club split right down the middle over {book}. Best evening in months.
> Stealing this for our club.
< Half of us cried, the other half brought snacks.
+ I read slowly now, on purpose. {book} took five weeks and I would not give back a day.
> Slow reading is the only kind that stays.
+ Saw a stranger reading {book} on the train and said nothing, heroically.
> You are stronger than me.
+ Copying one page of {book} by hand every evening. You notice the commas.
+ Gave {book} to my niece with her name and the date inside. That is half the present.
> The date matters most in twenty years.

# pets
= cat: Miso | Pepper | Dooboo | Admiral
= dog: Bori | Biscuit | Waffle
~ Worth it.
~ I only gave one treat. Officially.
~ It is their flat, I just pay for it.
~ More news as it happens.
+ {cat} has learned to open the drawer. There is nothing in the drawer. It is about the drawer.
> It is always about the drawer.
+ {dog} met a puddle today. They are very close now.
> Photos or it did not happen.
< Photos once somebody gets off the camera.
+ Vet says {cat} is "in excellent shape, if round". I feel seen.
> Round is a shape. An excellent one.
+ Working from home with {dog} means one meeting, two walks, three complaints from below the desk.
+ One year since {cat} moved in behind the washing machine. Today: my pillow, diagonally.
> Happy anniversary to you both.
+ Tried to teach {dog} to fetch. I have fetched eleven times. Who is training whom?
> Eleven fetches, well trained!
< I bring treats now. For myself.
+ {cat} allowed one paw to be trimmed. Negotiations about the other three continue.
> Bring chicken to the table.
+ {dog} has a best friend in the park. I do not know the owner's name, we are "the dogs' people".
> Same. Two years now.
+ Bought a bed for {cat}. The bed for {cat} holds laundry. The laundry basket holds {cat}.

# photo
= lens: 35mm | 50mm | 28mm
= scene: steam from a manhole | an umbrella in every colour | one lit window | two bicycles and a cat
= when: before sunrise | after the rain | at the blue hour
~ Light is half of it.
~ Results next week.
~ Black and white next time.
~ Feet cold, worth it.
+ Went out {when} with the {lens} and came back with {scene}. Enough for a day.
> That light! Where is this?
< Behind the market, second alley.
+ Developed three rolls. Thirty-five photos of nothing, one of {scene}. That is the ratio and I have made peace with it.
> Where do you get them developed?
< A small lab in Chungmuro, they take parcels.
+ [Print your photos] Ten prints on the wall taught me more than ten thousand on a disk.
> Ten prints is a great rule.
+ My {lens} fell from a table in Tongyeong. It still focuses, with a small complaint.
> My lens complains too. It builds character.
+ Asked an old man {when} whether I could take his portrait. He asked for one of me in return. We traded.
> The trade is the best part.
+ Everybody ran from the rain, I ran into it with the {lens}. One frame with drops on the glass and I am keeping it.
> Those accidents are the best ones.
+ Film is now so expensive that I look twice before I look. Not the worst habit.
+ Found my own baby picture in my father's slides, taken {when}. Same light as today.

# travel
= town: Gangneung | Tongyeong | Gunsan | Mokpo | Sokcho
= mode: the slow train | the night bus | the first ferry | a rented bicycle
~ Not ready to go back.
~ Tips welcome below.
~ Taking my parents next time.
~ Slept like a stone.
+ Took {mode} to {town} with no plan. Found soup, found a bench, found the sea.
> Where was the soup?
< Next to the fish market, no sign, blue door.
+ A grandmother on {mode} decided that I was too thin and fixed it before {town}.
> That grandmother is on every train.
+ [{town} in the rain] Everything I wanted to see was closed, so I saw everything else.
> Everything else is usually better.
+ Two days in {town}. My phone died on the first, and I recommend it.
> Phone dying is the luxury option.
+ Lost in {town} and a boy of seven walked me to the station, explaining dinosaurs. I am fully informed now.
> Which dinosaur is the best, according to him?
< Ankylosaurus, "because of the tail". I agree.
+ Took the bus in {town} in the wrong direction. The driver had a ten minute break at the end of the line, so we had one together.
> The end of the line is always worth it.
+ Recorded the harbour in {town} instead of buying a magnet. Plays well at 2 am.
+ My postcard from {town} arrived after me. The trip ended twice.
> Slow post, best post.

# daily
= small: a seat on line 2 | the last egg bread | a parcel two days early | exact change for the bus
= chore: the laundry | the tax form | that one email | the light bulb in the hall
~ Small things.
~ That is all, carry on.
~ Wear a scarf, everyone.
~ I wanted to write it down.
+ Today I got {small} and I do not wish to be greedy.
+ Did {chore} that I had been avoiding since spring. It took six minutes.
> Six minutes. It is always six minutes.
+ Wrote to an old friend after four years. "I was about to write to you", they answered. Sure. But still.
> Sending this to an old friend right now.
+ The lift stopped for a minute with four neighbours in it. We now have a group chat and a dinner date.
> Group chats have started with less.
< They suggested Thursday. I am making soup.
+ My umbrella has come back from the lost property office for the third time. We should talk about our relationship.
> The umbrella is loyal, that is all.
+ Sunday: {chore}, soup, nap. No notes.
+ The first cold morning with that smell. You know the one.
> I know the one!
< It really is the smell of radiators, isn't it?
+ Fell asleep on the train, woke up at the terminus, took a walk there. Good walk.
> Unplanned holiday!
+ The neighbour's kid pressed every button in the lift "so that everybody gets a turn". Fair.
> Future engineer or politician.
+ Third day of deciding whether it is cold enough for the heating. It is. I am just stubborn.

# general
> This made my day.
> More of this, please.
> I needed to read that today.
> Same here, word for word.
> Saving this one.
> You write the way people talk. I like it.
> Following for the next part.
> Quietly nodding over here.
> How did you get started with this?
> That last sentence!
> Well said.
> Greetings from the other side of the river.
> I disagree on one detail but love the rest.
< Thank you, that is kind.
< Slowly, and with a lot of mistakes.
< Next part on the weekend.
< Now I want to know which detail.
< Good to see you here again.
)texts";
// clang-format on

}  // namespace dailyfeed::seed
